/** A folder of its own for one test, as all packages have it. */
export { testFolder } from '@negotiator/common/testing'
