/**
 * The kind of exchange that a configuration names: one of ours, or a module by its path.
 * Floor 7. A module is looked at when it is mounted, not before.
 */
import { isAbsolute } from 'node:path'
import { exchangeKinds } from './built-in.js'
import type { ExchangeKind } from './built-in.js'

/** @param name as it stands in the configuration. @returns `undefined` when there is no such exchange */
export function exchangeKindOf(name: string): ExchangeKind | undefined {
  if (!isAbsolute(name)) return exchangeKinds.get(name)
  return {
    places: { guest: ['channel', 'path'], host: ['path'] },
    load: async () => {
      const { loadExchange } = await import('./dialect-module.js')
      return await loadExchange(name)
    },
  }
}
