/**
 * The driver "fake": no guests but those that a program sets, and machines that run nowhere. It owns nothing and has no side effects.
 */
import type { DriverKind } from '../kind.js'
import { createFakeDriver } from './fake-driver.js'
import { createFakeMachines } from './fake-machines.js'

/** The driver "fake". */
export const fakeKind: DriverKind = {
  name: 'fake',
  forms: ['fake'],
  summary: 'nothing: its machines are pretended, for trying things out',
  discover: ({ name }) => createFakeDriver(name),
  owns: () => [],
  machines: () => createFakeMachines(),
}
