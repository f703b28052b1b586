/**
 * OpenStack's dialect as a configuration has it.
 * Floor 7.
 */
import type { Dialect } from '../../dialects/dialect.js'
import { openOpenStackDialect } from '../../dialects/openstack/openstack-dialect.js'
import { UsageError } from '../../errors.js'
import { didYouMean } from '../../nearest.js'

const names = ['old-key-exchange', 'version'] as const

/** @throws {UsageError} `bad-config` for options that it does not take */
export function openConfiguredOpenStack({
  options,
}: {
  readonly options: Readonly<Record<string, unknown>>
}): Dialect {
  const unknown = Object.keys(options).find((key) => !names.some((name) => name === key))
  if (unknown !== undefined)
    throw badOption(
      unknown,
      `there is no such option${didYouMean(unknown, names) || `; wanted ${names.join(' or ')}`}`,
    )
  const { 'old-key-exchange': hasOldKeyExchange = false, version } = options
  if (typeof hasOldKeyExchange !== 'boolean') throw badOption('old-key-exchange', 'wanted true or false')
  if (version !== undefined && (typeof version !== 'string' || !/^[\w.+~-]{1,64}$/.test(version)))
    throw badOption('version', 'wanted a version in quotes, e.g. "1.39.1"')
  return openOpenStackDialect({ hasOldKeyExchange, version })
}

function badOption(option: string, why: string): UsageError {
  return new UsageError(`Cannot use the option "${option}" of the dialect "openstack": ${why}`, {
    code: 'bad-config',
  })
}
