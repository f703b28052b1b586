/**
 * negotiator-host as a package: commands and koffi's native half lie beside the bundle.
 */
import { join } from 'node:path'
import { findKoffiIn } from '@negotiator/common'
import { runHostProgram } from './program.js'

const beside = (...names: string[]): string => join(import.meta.dirname, '..', ...names)

await runHostProgram({
  // The build copies them there.
  shippedFolders: async () => ['host', 'both'].map((folder) => beside('commands', folder)),
  findKoffi: async () => await findKoffiIn(beside('native')),
})
