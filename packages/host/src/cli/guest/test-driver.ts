/**
 * A driver whose machines are as a test wants them.
 * For tests.
 */
import type { GuestProgram } from './test-guest-program.js'

/** Writes one. @param answer what its `state` does, in JavaScript, with `uuid` and `signal` @returns what a definition calls it */
export function testDriver(program: GuestProgram, answer: string): string {
  const nothing = ['start', 'shutdown', 'kill', 'suspend', 'resume', 'ended']
  return program.write(
    'driver.mjs',
    `export const summary = 'machines of a test'
export const discover = () => ({ list: async () => [], watch: () => () => undefined })
export const owns = () => []
export const machines = () => ({
  ${nothing.map((verb) => `${verb}: async () => undefined,`).join(' ')}
  state: async ({ uuid, signal }) => { ${answer} },
})
`,
  )
}
