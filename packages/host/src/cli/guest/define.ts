/**
 * `guest define`.
 */
import { open } from 'node:fs/promises'
import { escapeControl, SystemError, systemCodeOf, UsageError } from '@negotiator/common'
import type { ProgramContext } from '@negotiator/common'
import { definitionBytesMax, formNamed } from '../../managed/forms/form.js'
import { readDefinition } from '../../managed/read-definition.js'
import { tell } from './act.js'
import type { GuestAction } from './act.js'
import { assertDriverMayChange, assertDriverRuns } from './assert-driver.js'
import { definitionText } from './definition-text.js'
import { raiseDefined } from './raise-defined.js'

/** Keeps a definition. @throws {UsageError} `bad-definition`, `bad-option`, `name-taken`, `unknown-driver`; {@link SystemError} */
export async function defineGuest(action: GuestAction): Promise<void> {
  const { context, store, options } = action
  const [source = ''] = action.args
  const form = options.format === undefined ? undefined : formNamed(options.format)
  const isDryRun = options.dryRun === true
  const text = await textOf(source, context)
  const { values, passedOver } = await readDefinition({ text, source, form })
  await assertDriverRuns(action, values)
  await assertDriverMayChange(action, values)
  const kept = await store.put({ values, isDryRun })
  tellPassedOver(context, passedOver)
  if (isDryRun) context.print(definitionText(kept, { format: 'toml' }))
  const verb = isDryRun ? 'This would define' : 'Defined'
  context.print(`${verb} "${values.name}", ${values.uuid}, as its revision ${kept.revision}.\n`)
  if (!isDryRun && kept.revision === 1) await raiseDefined(action, kept)
}

function tellPassedOver(context: ProgramContext, names: readonly string[]): void {
  if (names.length === 0) return
  tell(context, `passed over, for a definition has no place for it: ${escapeControl(names.join(', '))}`)
}

async function textOf(source: string, context: ProgramContext): Promise<string> {
  const bytes = source === '-' ? await firstBytes(context.options.terminal.stdin) : await fileBytes(source)
  if (bytes.length > definitionBytesMax)
    throw new UsageError(
      `Cannot read the definition "${source}": it has more than ${definitionBytesMax} bytes, which no definition has`,
      { code: 'bad-definition' },
    )
  return bytes.toString()
}

async function fileBytes(path: string): Promise<Buffer> {
  try {
    const file = await open(path)
    return await firstBytes(file.createReadStream())
  } catch (cause) {
    throw new SystemError(`Cannot read the definition "${path}": ${systemCodeOf(cause) ?? 'unknown error'}`, {
      code: 'cannot-read',
      cause,
    })
  }
}

/** As much as a definition may have, and a little more, so that what is too long is told as such. */
async function firstBytes(input: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let byteCount = 0
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk as Uint8Array | string)
    chunks.push(bytes)
    byteCount += bytes.length
    if (byteCount > definitionBytesMax) break
  }
  return Buffer.concat(chunks)
}
