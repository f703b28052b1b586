/** For the tests of all packages; never imported by a program. */
export { pairedChannels } from './channel/paired-channels.js'
export type { PairedChannel, PairedChannels } from './channel/paired-channels.js'
export { FakeClock, settle } from './fake-clock.js'
