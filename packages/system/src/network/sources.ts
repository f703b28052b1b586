/**
 * Reads the files that a backend has to see before it renders.
 */
import { listFolder, readText } from '../files.js'
import type { Machine } from '../machine.js'
import type { Backend } from './backend.js'

/** @returns texts by path; what is not there is absent */
export async function readSources(
  machine: Machine,
  { sources }: Backend,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  for (const path of await pathsOf(machine, sources)) {
    const text = await readText(machine, path)
    if (text !== undefined) texts.set(path, text)
  }
  return texts
}

async function pathsOf(machine: Machine, sources: Backend['sources']): Promise<readonly string[]> {
  const paths = sources.map(async ({ path, names }) =>
    names === undefined
      ? [path]
      : (await listFolder(machine, path)).filter((name) => names.test(name)).map((name) => `${path}/${name}`),
  )
  return (await Promise.all(paths)).flat()
}
