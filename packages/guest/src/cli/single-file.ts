/**
 * negotiator-guest as one file: what must be a file on the disk is carried inside, and unpacked when a daemon starts.
 * scripts/pack/single-file.mjs writes the few lines that call this, with what is carried.
 */
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { unpackCommands, unpackFiles } from '@negotiator/common'
import type { CarriedCommands, Config } from '@negotiator/common'
import { importKoffi, loadKoffi } from '../ports/koffi.js'
import type { Koffi } from '../ports/koffi.js'
import { runGuestProgram } from './program.js'

/** What the file carries. */
export interface Carried {
  readonly commands: CarriedCommands
  /** koffi's native half. */
  readonly addon: {
    readonly platform: string
    readonly arch: string
    readonly sha256: string
    /** Its bytes, gzip and then base64. A function, for most starts do without. */
    readonly bytes: () => string
  }
}

/** Runs the program. */
export async function runSingleFile(carried: Carried): Promise<void> {
  await runGuestProgram({
    shippedFolders: async (needs) =>
      await unpackCommands({ side: 'guest', commands: carried.commands, ...needs }),
    findKoffi: async ({ config }) => await unpackKoffi(carried.addon, config),
  })
}

async function unpackKoffi(
  { platform, arch, sha256, bytes }: Carried['addon'],
  config: Config,
): Promise<Koffi> {
  // On another machine it may be installed beside; where it is not, a timer does.
  if (platform !== process.platform || arch !== process.arch) return await importKoffi()
  const folder = join(config['state-folder'], 'native')
  const name = 'koffi.node'
  const content = (): Buffer => gunzipSync(Buffer.from(bytes(), 'base64'))
  await unpackFiles({ folder, files: [{ name, content, sha256, mode: 0o755 }] })
  return loadKoffi(join(folder, name))
}
