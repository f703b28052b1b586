/**
 * Who holds a port that is busy, for the sentence that a person gets.
 */
import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Finds the process that has a device open.
 * @returns e.g. `negotiator-guest (process 412)`, or `undefined` when it cannot be seen from here
 */
export async function holderOf(device: string, procFolder = '/proc'): Promise<string | undefined> {
  const processes = (await readdir(procFolder)).filter(
    (name) => /^\d+$/.test(name) && name !== String(process.pid),
  )
  for (const id of processes) {
    if (await hasOpen(join(procFolder, id, 'fd'), device)) return await describe(join(procFolder, id), id)
  }
  return undefined
}

async function hasOpen(descriptors: string, device: string): Promise<boolean> {
  // A process may end while we look, and other users' descriptors are hidden: both mean that it is not the one we can name.
  const names = await readdir(descriptors).catch(() => [])
  for (const name of names) {
    if ((await readlink(join(descriptors, name)).catch(() => '')) === device) return true
  }
  return false
}

async function describe(folder: string, id: string): Promise<string> {
  const name = (await readFile(join(folder, 'comm'), 'utf8').catch(() => 'a process')).trim()
  return `${name} (process ${id})`
}
