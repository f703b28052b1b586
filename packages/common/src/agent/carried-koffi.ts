/**
 * koffi's native half in a program that is one file: it carries it inside, and unpacks it when a daemon starts.
 * Floor 7. Whoever could write to the file would run code in the daemon; agent/unpack.ts sees to that.
 */
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { importKoffi, loadKoffi } from '../native/koffi.js'
import type { Koffi } from '../native/koffi.js'
import type { Config } from './config-settings.js'
import { unpackFiles } from './unpack.js'

/** koffi's native half for one kind of machine. */
export interface CarriedAddon {
  readonly platform: string
  readonly arch: string
  readonly sha256: string
  /** Its bytes, gzip and then base64. A function, for most starts do without. */
  readonly bytes: () => string
}

/**
 * Unpacks it below the state folder, and loads it.
 * @throws {SystemError} `unpack-failed`; another error when there is none for this machine
 */
export async function unpackKoffi(
  { platform, arch, sha256, bytes }: CarriedAddon,
  config: Config,
): Promise<Koffi> {
  // On another machine it may be installed beside.
  if (platform !== process.platform || arch !== process.arch) return await importKoffi()
  const folder = join(config['state-folder'], 'native')
  const name = 'koffi.node'
  const content = (): Buffer => gunzipSync(Buffer.from(bytes(), 'base64'))
  await unpackFiles({ folder, files: [{ name, content, sha256, mode: 0o755 }] })
  return loadKoffi(join(folder, name))
}
