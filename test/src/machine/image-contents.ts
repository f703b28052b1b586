/**
 * Expands the list of things that go into an image to archive entries, together with the shared libraries that
 * programs among them need.
 *
 * Everything in an image belongs to root and is writable by root alone, whatever the umask was here: a guest
 * rightly refuses commands that others could have written.
 */
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { execa } from 'execa'
import type { ArchiveEntry } from './cpio.js'

/** A file or folder of this machine, a text or bytes of our own, or a symbolic link; `to` is its path in the guest. */
export type ImageFile =
  | { readonly to: string; readonly from: string }
  | { readonly to: string; readonly content: string | Buffer; readonly mode?: number }
  | { readonly to: string; readonly target: string }

const elfMagic = Buffer.from('\x7fELF', 'latin1')

/**
 * @param files where two have the same path in the guest, the later one wins; links inside folders are followed
 * @returns entries with every folder before what lies in it, sorted by path
 */
export async function imageEntries(files: readonly ImageFile[]): Promise<ArchiveEntry[]> {
  const entries = new Map<string, ArchiveEntry>()
  const programs: string[] = []
  const add = (entry: ArchiveEntry): void => {
    addFolders(entries, dirname(entry.path))
    entries.set(entry.path, entry)
  }
  const addTree = async (from: string, path: string): Promise<void> => {
    const { isDirectory, isExecutable } = await kindOf(from)
    if (isDirectory) {
      addFolders(entries, path)
      for (const name of await readdir(from)) await addTree(join(from, name), join(path, name))
      return
    }
    const content = await readFile(from)
    if (content.subarray(0, elfMagic.length).equals(elfMagic)) programs.push(from)
    add({ kind: 'file', path, mode: isExecutable ? 0o755 : 0o644, content })
  }

  for (const file of files) {
    const path = relative('/', file.to)
    if ('from' in file) await addTree(file.from, path)
    else if ('target' in file) add({ kind: 'link', path, target: file.target })
    else add({ kind: 'file', path, mode: file.mode ?? 0o644, content: Buffer.from(file.content) })
  }
  for (const library of await librariesOf(programs))
    await addTree(await realpath(library), relative('/', library))
  return [...entries.values()].toSorted((one, other) => (one.path < other.path ? -1 : 1))
}

function addFolders(entries: Map<string, ArchiveEntry>, path: string): void {
  if (path === '.' || path === '' || entries.has(path)) return
  addFolders(entries, dirname(path))
  entries.set(path, { kind: 'folder', path, mode: 0o755 })
}

async function kindOf(path: string): Promise<{ isDirectory: boolean; isExecutable: boolean }> {
  const stats = await stat(path)
  return { isDirectory: stats.isDirectory(), isExecutable: (stats.mode & 0o111) !== 0 }
}

/** What the dynamic loader would load for these programs, the loader itself included. */
async function librariesOf(programs: readonly string[]): Promise<Set<string>> {
  if (programs.length === 0) return new Set()
  // ldd exits 1 when one of them is static, which is no reason to doubt the others.
  const { stdout } = await execa('ldd', programs, { reject: false, env: { LC_ALL: 'C' } })
  const paths = [...stdout.matchAll(/(\/\S+) \(0x[0-9a-f]+\)$/gm)].map((match) => match[1])
  return new Set(paths.filter((path) => path !== undefined))
}
