/**
 * Puts a file in its place whole or not at all: whoever looks at its name meanwhile finds the old one, or none.
 * Floor 0. It survives whoever writes it being killed; whether it is on the disk yet when the power fails is not its affair.
 */
import { randomUUID } from 'node:crypto'
import { chmod, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** @param file its `mode` is what it says, whatever the umask is */
export async function replaceFile(
  path: string,
  { content, mode }: { readonly content: string | Uint8Array; readonly mode: number },
): Promise<void> {
  const partial = join(dirname(path), `.${basename(path)}.${randomUUID()}`)
  try {
    await writeFile(partial, content, { flag: 'wx', mode: 0o600 })
    await chmod(partial, mode)
    await rename(partial, path)
  } finally {
    await rm(partial, { force: true })
  }
}
