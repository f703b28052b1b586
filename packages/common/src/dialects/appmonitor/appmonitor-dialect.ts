/**
 * appmonitor's dialect: one JSON object a line, an operation and its answer.
 * Floor 6. Every request has exactly one answer, in the old texts. What it runs are commands: there is no shell in here.
 */
import { basename } from 'node:path'
import { legacyAtOnceMax } from '../dialect-limits.js'
import { objectFrom, objectFromPayload } from '../../wire/fields.js'
import type { Fields } from '../../wire/fields.js'
import type { Answer, CollectedEnd, Dialect, LegacyRequest, LineHabits, Switchboard } from '../dialect.js'
import type { LetterFault } from '../exchange.js'
import { pythonJson } from '../python-json.js'
import type { JsonValue } from '../python-json.js'
import { topics } from './information.js'
import type { Topic } from './information.js'

/** The command that `execute_command` hands its line to; it is there only where an administrator put it. */
export const shellCommand = 'appmonitor-shell'

/** The old texts; each is the whole result. */
const unknownOperation = '0e0r0r0o0r0'
const notDone = '0e0r0r0o0r1'
const unknownInformation = '0e0r0r0o0r2'

const scriptTypes: readonly unknown[] = ['py', 'sh']

/** Opens the dialect for one exchange. */
export function openAppmonitorDialect(): Dialect {
  return new AppmonitorDialect()
}

/** What became of a request. */
interface Done {
  readonly result: JsonValue
  readonly isError: boolean
  /** For who asks for details: what the old texts do not say. */
  readonly reason?: string | undefined
  readonly ended?: CollectedEnd | undefined
}

class AppmonitorDialect implements Dialect {
  readonly name = 'appmonitor'
  readonly lines: LineHabits = { end: '\n\n\r', atOnceMax: legacyAtOnceMax }
  /** Whoever numbers nothing takes the next answer for the answer to what it asked first. */
  #turn: Promise<unknown> = Promise.resolve()

  parse(body: Buffer): LegacyRequest {
    const fields = fieldsOf(body)
    const answer = async (switchboard: Switchboard): Promise<Answer> => await answerTo(fields, switchboard)
    if (fields['id'] !== undefined) return { kind: 'calls', answer }
    return { kind: 'calls', answer: async (switchboard) => await this.#inTurn(() => answer(switchboard)) }
  }

  async refuse(fault: LetterFault | 'failed'): Promise<Answer> {
    return await this.#inTurn(async () => encode({}, failure(notDone, fault)))
  }

  async #inTurn(answer: () => Promise<Answer>): Promise<Answer> {
    const answered = this.#turn.then(answer)
    this.#turn = answered.catch(() => undefined) // Whoever asked is told; the next one's turn comes all the same.
    return await answered
  }
}

/** What is no request has no operation either. */
function fieldsOf(body: Buffer): Fields {
  try {
    return objectFromPayload(body, 'request')
  } catch {
    return {}
  }
}

async function answerTo(fields: Fields, switchboard: Switchboard): Promise<Answer> {
  const { operation, ...others } = fields
  if (operation === 'echo')
    return Buffer.from(pythonJson({ operation, ...(others as Record<string, JsonValue>) }))
  return encode(fields, await perform(fields, switchboard))
}

async function perform(fields: Fields, switchboard: Switchboard): Promise<Done> {
  switch (fields['operation']) {
    case 'execute_command':
      return await executeCommand(fields, switchboard)
    case 'execute_script':
      return await executeScript(fields, switchboard)
    case 'get_infomation':
      return await getInformation(fields, switchboard)
    default:
      return failure(unknownOperation, 'there is no such operation')
  }
}

async function executeCommand({ cmd }: Fields, switchboard: Switchboard): Promise<Done> {
  if (typeof cmd !== 'string') return failure(notDone, '"cmd" is not a string')
  return outputOf(await switchboard.run({ command: shellCommand, input: Buffer.from(`${cmd}\n`) }))
}

/** The file's own name is that of a command; words behind it are its arguments. The path leads nowhere. */
async function executeScript({ path, type }: Fields, switchboard: Switchboard): Promise<Done> {
  if (!scriptTypes.includes(type)) return failure(notDone, '"type" is neither "py" nor "sh"')
  if (typeof path !== 'string') return failure(notDone, '"path" is not a string')
  const [file = '', ...args] = path.trim().split(/\s+/)
  return outputOf(await switchboard.run({ command: basename(file), args }))
}

/** Who sends `attr` has a version with modules: each of those is a command now, which reads it on its standard input. */
async function getInformation({ name, attr }: Fields, switchboard: Switchboard): Promise<Done> {
  const topic = typeof name === 'string' ? topics.get(name) : undefined
  if (topic !== undefined)
    return shaped(topic, await switchboard.run({ command: topic.command, args: ['--json'] }))
  if (typeof name !== 'string' || attr === undefined)
    return failure(unknownInformation, 'there is no such name')
  const ended = await switchboard.run({ command: name, input: Buffer.from(`${JSON.stringify(attr)}\n`) })
  return ended.result.kind === 'unknown-command'
    ? failure(unknownInformation, ended.result.reason)
    : outputOf(ended)
}

function shaped({ command, shape }: Topic, ended: CollectedEnd): Done {
  const done = outputOf(ended)
  if (done.isError) return done
  try {
    const result = shape(objectFrom(JSON.parse(ended.stdout.toString()), command))
    return { ...done, result }
  } catch {
    return { ...failure(notDone, `"${command}" did not answer as the shipped one does`), ended }
  }
}

/** Both outputs in one, and without the last newline, as the old agent had them. */
function outputOf(ended: CollectedEnd): Done {
  const { result, stdout, stderr, isCut } = ended
  if ('reason' in result) return { ...failure(notDone, `${result.kind}: ${result.reason}`), ended }
  if (isCut) return { ...failure(notDone, 'its output is too long'), ended }
  if (result.kind !== 'exited' || result.code !== 0) return { ...failure(notDone), ended }
  return { result: Buffer.concat([stdout, stderr]).toString().replace(/\n$/, ''), isError: false, ended }
}

function failure(result: string, reason?: string): Done {
  return { result, isError: true, reason }
}

/** The operation comes first: the old host compares what stands between the third and the fourth quote. */
function encode(fields: Fields, done: Done): Answer {
  const operation = typeof fields['operation'] === 'string' ? fields['operation'] : ''
  const id = fields['id'] as JsonValue | undefined
  return Buffer.from(
    pythonJson({
      operation,
      result: done.result,
      ...(fields['detail'] === true && detailsOf(done)),
      ...(id !== undefined && { id }),
    }),
  )
}

/** What the old texts cannot say, in fields of its own: a command may print one of those texts, too. */
function detailsOf({ isError, reason, ended }: Done): Readonly<Record<string, JsonValue>> {
  const result = ended?.result
  return {
    ok: !isError,
    exit_status: result?.kind === 'exited' ? result.code : null,
    signal: result?.kind === 'signalled' ? result.signal : null,
    output: ended === undefined ? null : ended.stdout.toString(),
    errors: ended === undefined ? null : ended.stderr.toString(),
    reason: reason ?? null,
  }
}
