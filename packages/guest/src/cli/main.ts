/**
 * negotiator-guest as a package: commands and koffi's native half lie beside the bundle.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { importKoffi, loadKoffi } from '../ports/koffi.js'
import { runGuestProgram } from './program.js'

const beside = (...names: string[]): string => join(import.meta.dirname, '..', ...names)

await runGuestProgram({
  // The build copies them there.
  shippedFolders: async () => ['guest', 'both'].map((folder) => beside('commands', folder)),
  // The packed package has it; in a checkout the workspace's own is used.
  findKoffi: async () => {
    const addon = beside('native', `koffi-${process.platform}-${process.arch}.node`)
    return existsSync(addon) ? loadKoffi(addon) : await importKoffi()
  },
})
