/**
 * Writes a file whole or not at all: beside it first, on the disk, then in its place.
 * Whoever is killed at any moment leaves the old content or the new one, and perhaps a file that ends in `.new`, which nobody reads.
 */
import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** For its owner's eyes only: there may be passwords in it. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const beside = `${path}.new`
  const file = await open(beside, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(beside, path)
  await syncFolder(dirname(path))
}

/** Puts a folder's names on the disk. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
