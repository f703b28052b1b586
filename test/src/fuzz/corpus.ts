/**
 * The corpus: for each target a folder of inputs in git. Most are small real ones; the others once broke a promise, and are
 * named for what they showed.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Grammar, Target } from './target.js'

/** One input and where it lies. */
export interface CorpusInput {
  /** From the top of the work tree. */
  readonly path: string
  readonly bytes: Buffer
}

const root = join(import.meta.dirname, '../../..')

const endings: Readonly<Record<Grammar, string>> = {
  bytes: 'bin',
  frames: 'bin',
  json: 'json',
  lines: 'txt',
  xml: 'xml',
}

/** All inputs of a target, in the order of their names. */
export function corpusOf({ name }: Target): readonly CorpusInput[] {
  const folder = folderOf(name)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .sort()
    .map((file) => join(folder, file))
    .map((path) => ({ path: relative(root, path), bytes: readFileSync(path) }))
}

/**
 * Keeps a finding.
 * @param finding the input and the words of the promise that it broke, which become its name
 * @returns the file's path from the top of the work tree
 */
export function keep(target: Target, { input, words }: { input: Buffer; words: string }): string {
  const folder = folderOf(target.name)
  mkdirSync(folder, { recursive: true })
  const slug = words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-|-$/g, '')
  const path = join(folder, `finding-${slug}.${endings[target.grammar]}`)
  writeFileSync(path, input)
  return relative(root, path)
}

function folderOf(name: string): string {
  return join(root, 'test/corpus', name)
}
