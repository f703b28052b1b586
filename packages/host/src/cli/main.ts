/**
 * negotiator-host as a package: the commands lie beside the bundle, where the build copies them.
 */
import { join } from 'node:path'
import { runHostProgram } from './program.js'

await runHostProgram({
  shippedFolders: async () =>
    ['host', 'both'].map((folder) => join(import.meta.dirname, '../commands', folder)),
})
