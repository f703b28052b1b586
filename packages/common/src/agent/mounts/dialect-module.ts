/**
 * A dialect that did not come with the program: a module that the configuration names by its path.
 * Floor 7. docs/dialects.md is its author's page.
 */
import { incompleteModule, loadOwnModule } from '../own-module.js'
import type { OpenDialect } from './built-in.js'

/**
 * Loads a module.
 * @param path an absolute path
 * @throws {SystemError} `dialect-refused` when others may write to it, `dialect-failed` when it is none
 */
export async function loadDialect(path: string): Promise<OpenDialect> {
  const module = { what: 'dialect', path }
  const { openDialect } = await loadOwnModule(module)
  if (typeof openDialect === 'function') return openDialect as OpenDialect
  throw incompleteModule(module, 'it exports no function "openDialect"; docs/dialects.md shows one that does')
}
