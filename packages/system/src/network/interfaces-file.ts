/**
 * /etc/network/interfaces without some of its interfaces: the stanzas of interfaces(5) are found, none is understood.
 * Pure. What is left is byte for byte as it was.
 */

/** The words that begin a stanza. */
const stanzaWord =
  /^(?:iface|mapping|auto|allow-\S+|no-auto-down|no-scripts|rename|source|source-directory|template)$/
const listWord = /^(?:auto|allow-\S+|no-auto-down|no-scripts)$/
const ours = /^# .*Written by apply-network/

/** @param request.names the interfaces that go, with their aliases such as `eth0:1` */
export function withoutInterfaces({
  text,
  names,
}: {
  readonly text: string
  readonly names: readonly string[]
}): string {
  const isGone = (word: string): boolean => names.includes(word.replace(/:.*/, ''))
  return stanzasOf(text)
    .map((stanza) => keptOf(stanza, isGone))
    .join('')
}

/** Whether one of some interfaces has a stanza of its own. */
export function hasInterface({
  text,
  names,
}: {
  readonly text: string
  readonly names: readonly string[]
}): boolean {
  return text.split('\n').some((line) => {
    const [word, name = ''] = line.trim().split(/\s+/)
    return word === 'iface' && names.includes(name)
  })
}

/** Blocks of whole lines: a stanza, or the comments and empty lines before one. */
function stanzasOf(text: string): string[] {
  const blocks: string[] = []
  // A backslash at its end continues a line.
  for (const line of text.match(/(?:\\\n|[^\n])*(?:\n|$)/g) ?? []) {
    const first = line.trim().split(/\s+/)[0] ?? ''
    const isAside = first === '' || first.startsWith('#')
    if (isAside || stanzaWord.test(first) || blocks.length === 0) blocks.push(line)
    else blocks.push(`${blocks.pop() ?? ''}${line}`)
  }
  return blocks
}

function keptOf(stanza: string, isGone: (word: string) => boolean): string {
  const [word = '', ...rest] = stanza.split('\n', 1)[0]?.trim().split(/\s+/) ?? []
  if (ours.test(stanza)) return ''
  if (word === 'iface') return isGone(rest[0] ?? '') ? '' : stanza
  if (!listWord.test(word) || !rest.some(isGone)) return stanza
  const kept = rest.filter((name) => !isGone(name))
  return kept.length === 0 ? '' : `${[word, ...kept].join(' ')}\n`
}
