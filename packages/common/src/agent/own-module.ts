/**
 * A module that did not come with the program: the configuration names it by its path.
 * Floor 7. It runs as the daemon, so its file passes the checks of a command.
 */
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { constants, Script } from 'node:vm'
import { sentenceOf, SystemError, systemCodeOf } from '../errors.js'
import { whyUnsafe } from '../registry/safety.js'
import { walk } from '../registry/walk.js'

/** Which module. */
export interface OwnModule {
  /** What it is to be, as sentences and codes have it: `dialect`, `driver`. */
  readonly what: string
  /** Absolute. */
  readonly path: string
}

/**
 * Loads a module.
 * @returns what it exports
 * @throws {SystemError} `WHAT-refused` when others may write to it, `WHAT-failed` when it is none
 */
export async function loadOwnModule(module: OwnModule): Promise<Readonly<Record<string, unknown>>> {
  const why = whyRefused(module.path)
  if (why !== undefined) throw cannotLoad(module, { code: 'refused', why })
  const { href } = pathToFileURL(module.path)
  try {
    const imported: unknown = await import(href).catch(
      async (error: unknown) => await importFromExecutable(href, error),
    )
    return imported as Readonly<Record<string, unknown>>
  } catch (cause) {
    throw cannotLoad(module, { code: 'failed', why: sentenceOf(cause) })
  }
}

/** When a module lacks what it has to export. */
export function incompleteModule(module: OwnModule, why: string): SystemError {
  return cannotLoad(module, { code: 'failed', why })
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

/** A program inside Node's executable has no import() of files of its own; it borrows that of Node's default loader. */
async function importFromExecutable(href: string, error: unknown): Promise<unknown> {
  if (systemCodeOf(error) !== 'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING') throw error
  const script = new Script('(href) => import(href)', {
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  })
  const load = script.runInThisContext() as (href: string) => Promise<unknown>
  return await load(href)
}

function cannotLoad({ what, path }: OwnModule, { code, why }: { code: string; why: string }): SystemError {
  return new SystemError(`Cannot load the ${what} "${path}": ${why}`, { code: `${what}-${code}` })
}
