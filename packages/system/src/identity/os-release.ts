/**
 * Reads os-release(5): what the distribution calls itself. Pure.
 */

/** The fields by their names, quotes taken off as a shell would. A line that is none is left out. */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').map((line) => /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line.trim()))
  return new Map(
    lines.flatMap((found) => (found === null ? [] : [[found[1] ?? '', unquote(found[2] ?? '')]])),
  )
}

function unquote(value: string): string {
  if (/^'.*'$/.test(value)) return value.slice(1, -1)
  const inner = /^".*"$/.test(value) ? value.slice(1, -1) : value
  return inner.replace(/\\([\\"$`])/g, '$1')
}
