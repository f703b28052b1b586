/**
 * The text of a file of settings: its entries, and the lines on which they stand.
 * Floor 4. Pure. What the settings mean is for those to say whose they are.
 */
import { parse, TomlError } from 'smol-toml'
import { escapeControl } from '../log.js'

/** The entries, or what is wrong with the text. */
export function parseSettingsText(
  text: string,
): { readonly entries: Readonly<Record<string, unknown>> } | { readonly fault: string } {
  try {
    return { entries: parse(text) }
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const what = error.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '') ?? 'it is not TOML'
    return { fault: `line ${error.line}: ${shown(what)}` }
  }
}

/**
 * The parser gives no positions, so the line is looked up: the first that begins with the key, or opens its table. A table's entry is
 * looked for behind that, and counts as there when it is not found.
 */
export function placeOf({ key, entry, text }: { key: string; entry: string; text: string }): string {
  const lines = text.split('\n')
  const first = lines.findIndex((line) => hasKey(line, key))
  const inner = entry === key ? -1 : lines.findIndex((line, index) => index > first && hasKey(line, entry))
  const index = inner >= 0 ? inner : first
  return index < 0 ? '' : `line ${index + 1}: `
}

function hasKey(line: string, key: string): boolean {
  const start = line.trimStart().replace(/^\[+/, '').trimStart().replace(/^["']/, '')
  return start.startsWith(key) && /^["']?\s*[=.\]]/.test(start.slice(key.length))
}

/** What the file says, safe to show, and short. */
export function shown(text: string): string {
  return escapeControl(text.length > 64 ? `${text.slice(0, 64)}…` : text)
}
