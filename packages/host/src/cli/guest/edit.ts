/**
 * `guest edit`: a definition in the user's editor. What is wrong is not kept in the store, but what was written is not lost either.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NegotiatorError, SystemError, UsageError } from '@negotiator/common'
import { readDefinition } from '../../managed/read-definition.js'
import type { Revision } from '../../managed/store/kept-file.js'
import type { GuestAction } from './act.js'
import { assertDriverMayChange, assertDriverRuns } from './assert-driver.js'
import { definitionText } from './definition-text.js'

/** Lets a definition be changed. @throws {UsageError} `no-such-guest`, `bad-definition`; {@link SystemError} `no-editor` */
export async function editGuest(action: GuestAction): Promise<void> {
  const before = await action.store.find(action.args[0] ?? '')
  const folder = await mkdtemp(join(tmpdir(), 'negotiator-edit-'))
  const path = join(folder, `${before.values.name}.toml`)
  const text = definitionText(before, { format: 'toml' })
  await writeFile(path, text, { mode: 0o600 })
  try {
    const edited = await textEdited(path)
    action.context.print(
      edited === text
        ? `"${before.values.name}" is as it was.\n`
        : changedText(await keep(before, { edited, action }), action),
    )
  } catch (error) {
    if (![text, undefined].includes(await textIn(path))) throw withTextKept(error, path)
    await rm(folder, { recursive: true })
    throw error
  }
  await rm(folder, { recursive: true })
}

async function textEdited(path: string): Promise<string> {
  const editor = process.env['VISUAL'] ?? process.env['EDITOR'] ?? 'vi'
  // An editor may be given with options, so a shell starts it; the path is an argument to it.
  const started = spawn('sh', ['-c', `${editor} "$1"`, 'sh', path], { stdio: 'inherit' })
  const [code] = (await once(started, 'close')) as [number | null]
  const text = await textIn(path)
  if (code === 0 && text !== undefined) return text
  const why = code === 0 ? 'its file is gone' : `it ended with ${code ?? 'a signal'}`
  throw new SystemError(`Cannot edit with "${editor}": ${why}; VISUAL or EDITOR names another`, {
    code: 'no-editor',
  })
}

/** @returns `undefined` when the file is gone */
async function textIn(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch(() => undefined)
}

async function keep(
  before: Revision,
  { edited, action }: { edited: string; action: GuestAction },
): Promise<Revision> {
  const { store, options } = action
  const values = await sameGuest(before, edited)
  await assertDriverRuns(action, values)
  await assertDriverMayChange(action, values)
  return await store.put({ values, madeFrom: before.revision, isDryRun: options.dryRun === true })
}

function changedText({ revision, values }: Revision, { options }: GuestAction): string {
  const verb = options.dryRun === true ? 'This would change' : 'Changed'
  return `${verb} "${values.name}", ${values.uuid}; its revision is ${revision}.\n`
}

async function sameGuest({ values: { uuid, name } }: Revision, text: string): Promise<Revision['values']> {
  const { values } = await readDefinition({ text, source: name, form: 'toml' })
  if (values.uuid === uuid) return values
  throw new UsageError(
    `Cannot change the uuid of "${name}": it stays ${uuid}; "guest define" makes another guest`,
    { code: 'bad-definition' },
  )
}

function withTextKept(error: unknown, path: string): unknown {
  if (!(error instanceof NegotiatorError)) return error
  const message = `${error.message}\nNothing was changed. What you wrote is in "${path}"; mend it and use: guest define ${path}`
  return new UsageError(message, { code: error.code, cause: error })
}
