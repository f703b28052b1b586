/**
 * Reads the list of installed packages that apk keeps: `P:name`, `V:version`, `A:architecture`, an empty line between packages. Pure.
 */
import type { Application } from '@negotiator/common/system'

/** The packages; blocks without a name are left out. */
export function parseApkDatabase(text: string): readonly Application[] {
  return text.split('\n\n').flatMap((block) => {
    const field = (letter: string): string | undefined => new RegExp(`^${letter}:(.+)$`, 'm').exec(block)?.[1]
    const name = field('P')
    return name === undefined ? [] : [{ name, version: field('V') ?? '', architecture: field('A') ?? null }]
  })
}
