/**
 * A dialect that did not come with the program: a module that the configuration names by its path.
 * Floor 7. It runs as the daemon, so its file passes the checks of a command. docs/dialects.md is its author's page.
 */
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { constants, Script } from 'node:vm'
import { sentenceOf, SystemError, systemCodeOf } from '../../errors.js'
import { whyUnsafe } from '../../registry/safety.js'
import { walk } from '../../registry/walk.js'
import type { OpenDialect } from './built-in.js'

/**
 * Loads a module.
 * @param path an absolute path
 * @throws {SystemError} `dialect-refused` when others may write to it, `dialect-failed` when it is none
 */
export async function loadDialect(path: string): Promise<OpenDialect> {
  const why = whyRefused(path)
  if (why !== undefined) throw cannotLoad(path, { code: 'dialect-refused', why })
  const { openDialect } = await importModule(path)
  if (typeof openDialect === 'function') return openDialect as OpenDialect
  const missing = 'it exports no function "openDialect"; docs/dialects.md shows one that does'
  throw cannotLoad(path, { code: 'dialect-failed', why: missing })
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

async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  const { href } = pathToFileURL(path)
  try {
    const imported: unknown = await import(href).catch(
      async (error: unknown) => await importFromExecutable(href, error),
    )
    return imported as Readonly<Record<string, unknown>>
  } catch (cause) {
    throw cannotLoad(path, { code: 'dialect-failed', why: sentenceOf(cause) })
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

function cannotLoad(path: string, { code, why }: { code: string; why: string }): SystemError {
  return new SystemError(`Cannot load the dialect "${path}": ${why}`, { code })
}
