/**
 * Folders among those of the phases that are named like none of them: what lies in there is never run.
 * Floor 5.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCodeOf } from '../errors.js'
import { didYouMean } from '../nearest.js'
import { phases } from './phase.js'

/** The folders that the shipped command `ovirt-lifecycle` knows. */
const ofOthers: readonly string[] = ['before', 'after'].flatMap((when) =>
  ['migration', 'hibernation'].map((what) => `${when}_${what}`),
)

/** @returns a sentence for each */
export async function strayFolders(folder: string): Promise<readonly string[]> {
  try {
    const names = phases.map(({ name }) => name as string)
    const entries = await readdir(folder, { withFileTypes: true })
    return entries
      .filter((entry) => entry.isDirectory() && ![...names, ...ofOthers].includes(entry.name))
      .map(
        ({ name }) => `Cannot use "${join(folder, name)}": there is no such phase${didYouMean(name, names)}`,
      )
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return []
    return [`Cannot read "${folder}": ${systemCodeOf(error) ?? 'unknown error'}`]
  }
}
