/**
 * A domain's XML as it was before it was changed, kept as a file so that `virsh define FILE` brings it back.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SystemError, systemCodeOf } from '@negotiator/common'

interface XmlToKeep {
  /** The daemon's folder for what outlives a reboot. */
  readonly stateFolder: string
  readonly uuid: string
  readonly xml: string
  readonly now: Date
}

/**
 * Keeps it, for its owner's eyes only: there may be passwords in it.
 * @returns the file's path
 * @throws {SystemError} `cannot-keep`
 */
export async function keepXml({ stateFolder, uuid, xml, now }: XmlToKeep): Promise<string> {
  const folder = join(stateFolder, 'domains', uuid)
  const file = join(folder, `${now.toISOString().replace(/[:.]/g, '-')}.xml`)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(file, `${xml}\n`, { mode: 0o600, flag: 'wx' })
    return file
  } catch (cause) {
    throw new SystemError(
      `Cannot keep the domain's XML as it is in "${file}": ${systemCodeOf(cause) ?? 'unknown error'}; nothing was changed`,
      { code: 'cannot-keep', cause },
    )
  }
}
