/**
 * negotiator-guest as a package: commands and koffi's native half lie beside the bundle.
 */
import { join } from 'node:path'
import { findKoffiIn } from '@negotiator/common'
import { runGuestProgram } from './program.js'

const beside = (...names: string[]): string => join(import.meta.dirname, '..', ...names)

await runGuestProgram({
  // The build copies them there.
  shippedFolders: async () => ['guest', 'both'].map((folder) => beside('commands', folder)),
  findKoffi: async () => await findKoffiIn(beside('native')),
})
