/**
 * Reads a machine's files. What is not there is `undefined` or empty: most of what a kernel tells is optional.
 */
import { readdir, readFile, readlink } from 'node:fs/promises'
import type { Machine } from './machine.js'

/** `eth2` before `eth10`. */
const byName = new Intl.Collator('en', { numeric: true })

/** The text of a file, or `undefined` when it cannot be read. */
export async function readText({ root }: Machine, path: string): Promise<string | undefined> {
  return await readFile(root + path, 'utf8').catch(() => undefined)
}

/** A file's text without white space around it; `undefined` when nothing is left. */
export async function readWord(machine: Machine, path: string): Promise<string | undefined> {
  const word = (await readText(machine, path))?.trim()
  return word === '' ? undefined : word
}

/** The names in a folder, sorted; none when it cannot be read. */
export async function listFolder({ root }: Machine, path: string): Promise<readonly string[]> {
  const names = await readdir(root + path).catch(() => [])
  return names.sort(byName.compare)
}

/** Where a link leads, as it is written there; `undefined` for what is no link. */
export async function readLink({ root }: Machine, path: string): Promise<string | undefined> {
  return await readlink(root + path).catch(() => undefined)
}
