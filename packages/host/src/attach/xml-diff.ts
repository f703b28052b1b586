/**
 * What changes in a domain's XML, as a unified diff.
 * Pure.
 */
import { createTwoFilesPatch } from 'diff'

/** @returns the diff, ended; empty when nothing changes */
export function xmlDiff({ name, before, after }: { name: string; before: string; after: string }): string {
  if (before === after) return ''
  const patch = createTwoFilesPatch(
    `${name} (before)`,
    `${name} (after)`,
    `${before}\n`,
    `${after}\n`,
    '',
    '',
    {
      context: 3,
    },
  )
  return patch.replace(/^=+\n/, '')
}

/** Puts elements at the end of a domain's devices; where exactly, and with what address, is libvirt's affair. */
export function withDevices(xml: string, elements: readonly string[]): string {
  const end = xml.lastIndexOf('  </devices>')
  return `${xml.slice(0, end)}${elements.map(indented).join('')}${xml.slice(end)}`
}

/** Takes elements out of a domain's XML, with the lines on which they stand. */
export function withoutElements(xml: string, elements: readonly string[]): string {
  return elements.reduce((text, element) => {
    const start = text.indexOf(element)
    const lineStart = text.lastIndexOf('\n', start)
    return `${text.slice(0, lineStart)}${text.slice(start + element.length)}`
  }, xml)
}

function indented(element: string): string {
  return element
    .split('\n')
    .map((line) => `    ${line}\n`)
    .join('')
}
