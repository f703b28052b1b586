/**
 * /etc/hosts, where it names the machine itself: the line of the old name follows the new one. On Debian that is the one of 127.0.1.1.
 * Pure. Every other line stays byte for byte, and so do the blanks and the comment of that one.
 */
import { isIP } from 'node:net'
import type { HostsLine } from '@negotiator/common/system'

export const hostsPath = '/etc/hosts'

/** For whoever asked for the new name: a link is not touched. */
export function linkedHostsNote(target: string): string {
  return `${hostsPath} is a link to ${target} and was left alone; see to the machine's name there`
}

interface Renaming {
  /** With or without a domain, as the machine calls itself. */
  readonly oldName: string
  readonly name: string
}

/** The new text, and the lines that are others now. */
export function renameInHosts(
  text: string,
  renaming: Renaming,
): { readonly text: string; readonly lines: readonly HostsLine[] } {
  // Many a machine without a name is called so, and the name has its lines in any case.
  if (lower(labelOf(renaming.oldName)) === 'localhost') return { text, lines: [] }
  const lines = text.split('\n').map((before) => ({ before, after: renamedLine(before, renaming) }))
  const changed = lines.filter(({ before, after }) => before !== after)
  return {
    text: lines.map(({ after }) => after).join('\n'),
    lines: changed.map(({ before, after }) => ({ before: before.trim(), after: after.trim() })),
  }
}

function renamedLine(line: string, renaming: Renaming): string {
  const [, address = '', names = '', comment = ''] = /^(\s*[^\s#]+)([^#]*)(#.*)?$/s.exec(line) ?? []
  return isOwn({ address: address.trim(), names: namesIn(names), renaming })
    ? `${address}${renamedNames(names, renaming)}${comment}`
    : line
}

/** Without its domain the name may be another machine's, unless the address is our own. */
function isOwn({
  address,
  names,
  renaming: { oldName },
}: {
  readonly address: string
  readonly names: readonly string[]
  readonly renaming: Renaming
}): boolean {
  if (isIP(address) === 0) return false
  const isLoopback = address === '::1' || address.startsWith('127.')
  return names.includes(lower(oldName)) || (isLoopback && names.includes(lower(labelOf(oldName))))
}

/** @param names with the blanks before each */
function renamedNames(names: string, { oldName, name }: Renaming): string {
  const [oldLabel, label] = [lower(labelOf(oldName)), labelOf(name)]
  const renamed = new Map<string, string>()
  for (const word of namesIn(names)) {
    if (word === oldLabel) renamed.set(word, label)
    if (word.startsWith(`${oldLabel}.`))
      renamed.set(word, name === label ? `${label}${word.slice(oldLabel.length)}` : name)
  }
  const [first] = renamed.keys()
  const isWhole = [...renamed.values()].includes(name)
  const written = new Set<string>()
  return names.replace(/(\s+)(\S+)/g, (found: string, blanks: string, word: string) => {
    const wanted = renamed.get(lower(word))
    if (wanted === undefined) return found
    if (written.has(wanted)) return ''
    written.add(wanted)
    // The name with its domain goes first, for it is what the address is called by.
    if (isWhole || lower(word) !== first) return `${blanks}${wanted}`
    return name === label ? `${blanks}${wanted} ${name}` : `${blanks}${name} ${wanted}`
  })
}

function namesIn(names: string): readonly string[] {
  return lower(names)
    .split(/\s+/)
    .filter((word) => word !== '')
}

function labelOf(name: string): string {
  return name.split('.')[0] ?? name
}

function lower(text: string): string {
  return text.toLowerCase()
}
