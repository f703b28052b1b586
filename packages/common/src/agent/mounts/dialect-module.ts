/**
 * A dialect or an exchange that did not come with the program: a module that the configuration names by its path.
 * Floor 7. docs/dialects.md is its author's page.
 */
import type { MountableExchange } from '../../dialects/exchange.js'
import { incompleteModule, loadOwnModule } from '../own-module.js'
import type { OpenDialect, OpenExchange } from './built-in.js'

/**
 * Loads a dialect.
 * @param path an absolute path
 * @throws {SystemError} `dialect-refused` when others may write to it, `dialect-failed` when it is none
 */
export async function loadDialect(path: string): Promise<OpenDialect> {
  const module = { what: 'dialect', path }
  const { openDialect } = await loadOwnModule(module)
  if (typeof openDialect === 'function') return openDialect as OpenDialect
  throw incompleteModule(module, 'it exports no function "openDialect"; docs/dialects.md shows one that does')
}

/**
 * Loads an exchange.
 * @param path an absolute path
 * @returns what opens it, and throws {@link SystemError} `exchange-failed` when that gives no exchange
 * @throws {SystemError} `exchange-refused` when others may write to it, `exchange-failed` when it is none
 */
export async function loadExchange(path: string): Promise<OpenExchange> {
  const module = { what: 'exchange', path }
  const { openExchange } = await loadOwnModule(module)
  if (typeof openExchange !== 'function') {
    const missing = 'it exports no function "openExchange"; docs/dialects.md shows one that does'
    throw incompleteModule(module, missing)
  }
  const open = openExchange as OpenExchange
  return async (surroundings) => {
    const exchange: unknown = await open(surroundings)
    const missing = missingIn(exchange)
    if (missing === undefined) return exchange as MountableExchange
    throw incompleteModule(module, `what it opens has no "${missing}"; docs/dialects.md shows one that has`)
  }
}

/** @returns a member without which the daemon would fall over it later, where nobody knows whose fault that is */
function missingIn(exchange: unknown): string | undefined {
  return ['start', 'reply', 'push', 'close', 'ended'].find((name) => {
    const member: unknown =
      typeof exchange === 'object' && exchange !== null ? Reflect.get(exchange, name) : undefined
    return name === 'ended' ? !(member instanceof Promise) : typeof member !== 'function'
  })
}
