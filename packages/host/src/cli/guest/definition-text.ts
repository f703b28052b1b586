/**
 * A definition as a file that `guest define` takes.
 * Pure.
 */
import { json, UsageError } from '@negotiator/common'
import { stringify } from 'smol-toml'
import type { Revision } from '../../managed/store/kept-file.js'

/** @throws {UsageError} `bad-option` */
export function definitionText({ revision, values }: Revision, format: string): string {
  if (format === 'json') return json(values)
  if (format === 'toml') return `# ${values.name}, revision ${revision}\n${stringify(values)}`
  throw new UsageError(
    `Cannot print a definition as "${format}": wanted toml or json, the others are only read`,
    {
      code: 'bad-option',
    },
  )
}
