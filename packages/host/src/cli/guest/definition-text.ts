/**
 * A definition as a file that `guest define` takes.
 * Pure.
 */
import { json, UsageError } from '@negotiator/common'
import { stringify } from 'smol-toml'
import type { Revision } from '../../managed/store/kept-file.js'

/**
 * @param more `format`: `toml` or `json`; and the `state` of its machine, which JSON has no comment for
 * @throws {UsageError} `bad-option`
 */
export function definitionText(
  { revision, values }: Revision,
  { format, state }: { readonly format: string; readonly state?: string },
): string {
  if (format === 'json') return json(values)
  if (format === 'toml')
    return `# ${values.name}, revision ${revision}${state === undefined ? '' : `, ${state}`}\n${stringify(values)}`
  throw new UsageError(
    `Cannot print a definition as "${format}": wanted toml or json, the others are only read`,
    {
      code: 'bad-option',
    },
  )
}
