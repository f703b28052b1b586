/**
 * A dialect or an exchange that did not come with the program: a module that the configuration names by its path.
 * Floor 7. It runs as the daemon, so its file passes the checks of a command. docs/dialects.md is its author's page.
 */
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { constants, Script } from 'node:vm'
import type { MountableExchange } from '../../dialects/exchange.js'
import { sentenceOf, SystemError, systemCodeOf } from '../../errors.js'
import { whyUnsafe } from '../../registry/safety.js'
import { walk } from '../../registry/walk.js'
import type { OpenDialect, OpenExchange } from './built-in.js'

/** What a module is to give, and the name of the function by which it does. */
interface Wanted {
  readonly path: string
  readonly kind: 'dialect' | 'exchange'
  readonly opener: 'openDialect' | 'openExchange'
}

/**
 * Loads a dialect.
 * @param path an absolute path
 * @throws {SystemError} `dialect-refused` when others may write to it, `dialect-failed` when it is none
 */
export async function loadDialect(path: string): Promise<OpenDialect> {
  return (await loadOpener({ path, kind: 'dialect', opener: 'openDialect' })) as OpenDialect
}

/**
 * Loads an exchange.
 * @param path an absolute path
 * @returns what opens it, and throws {@link SystemError} `exchange-failed` when that gives no exchange
 * @throws {SystemError} `exchange-refused` when others may write to it, `exchange-failed` when it is none
 */
export async function loadExchange(path: string): Promise<OpenExchange> {
  const wanted: Wanted = { path, kind: 'exchange', opener: 'openExchange' }
  const open = (await loadOpener(wanted)) as OpenExchange
  return async (surroundings) => {
    const exchange: unknown = await open(surroundings)
    const missing = missingIn(exchange)
    if (missing === undefined) return exchange as MountableExchange
    throw cannotLoad(wanted, {
      fate: 'failed',
      why: `what it opens has no "${missing}"; docs/dialects.md shows one that has`,
    })
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

async function loadOpener(wanted: Wanted): Promise<unknown> {
  const why = whyRefused(wanted.path)
  if (why !== undefined) throw cannotLoad(wanted, { fate: 'refused', why })
  const { [wanted.opener]: open } = await importModule(wanted)
  if (typeof open === 'function') return open
  const missing = `it exports no function "${wanted.opener}"; docs/dialects.md shows one that does`
  throw cannotLoad(wanted, { fate: 'failed', why: missing })
}

function whyRefused(path: string): string | undefined {
  const [place, file] = [walk({ from: '/', path: dirname(path) }), walk({ from: '/', path })]
  if ('missing' in place || 'missing' in file) return 'there is no such file'
  if ('blocked' in place) return place.blocked
  if ('blocked' in file) return file.blocked
  if (!file.stats.isFile()) return 'it is not a regular file'
  const unsafe = whyUnsafe({ place, file, what: 'its file' })
  return unsafe && `${unsafe.reason} (${unsafe.culprit})`
}

async function importModule(wanted: Wanted): Promise<Readonly<Record<string, unknown>>> {
  const { href } = pathToFileURL(wanted.path)
  try {
    const imported: unknown = await import(href).catch(
      async (error: unknown) => await importFromExecutable(href, error),
    )
    return imported as Readonly<Record<string, unknown>>
  } catch (cause) {
    throw cannotLoad(wanted, { fate: 'failed', why: sentenceOf(cause) })
  }
}

/** A program inside Node's executable has no import() of files of its own; it borrows that of Node's default loader. */
async function importFromExecutable(href: string, error: unknown): Promise<unknown> {
  if (systemCodeOf(error) !== 'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING') throw error
  const script = new Script('(href) => import(href)', {
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  })
  const load = script.runInThisContext() as (href: string) => Promise<unknown>
  return await load(href)
}

function cannotLoad(
  { path, kind }: Wanted,
  { fate, why }: { fate: 'refused' | 'failed'; why: string },
): SystemError {
  return new SystemError(`Cannot load the ${kind} "${path}": ${why}`, { code: `${kind}-${fate}` })
}
