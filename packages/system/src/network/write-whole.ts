/**
 * Writes a file whole or not at all: beside it first, on the disk, then in its place.
 * The mode and the owner of a file that is there are kept.
 */
import { mkdir, open, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** No tool that reads the folders of networks takes a name that ends so. */
const ending = '.negotiator~'

/** @param wanted.mode of a new file */
export async function writeWhole(
  path: string,
  { text, mode }: { readonly text: string; readonly mode: number },
): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const earlier = await stat(path).catch(() => undefined)
  // 0600 while it is written: nobody shall read what its owner did not let them.
  const file = await open(path + ending, 'w', 0o600)
  try {
    await file.writeFile(text)
    if (earlier !== undefined) await file.chown(earlier.uid, earlier.gid)
    await file.chmod(earlier === undefined ? mode : earlier.mode & 0o7777)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(path + ending, path)
  await syncFolder(dirname(path))
}

/** Puts a folder's names on the disk: a machine may lose its power before anybody confirms. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
