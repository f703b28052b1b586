/**
 * python-negotiator's dialect, the serving side: list_commands, execute, and nothing else that its peers could call.
 * Floor 6. Pure. The sentences are those of python-negotiator and the library under it, for programs look for them.
 */
import { isUtf8 } from 'node:buffer'
import { basename } from 'node:path'
import { classicOutputBytesMax } from '../dialect-limits.js'
import { signalNumber } from '../../signals.js'
import type { RunRequest } from '../../wire/request.js'
import type { Result } from '../../wire/result.js'
import type { CollectedEnd, Dialect, LegacyOutcome, LegacyRequest } from '../dialect.js'
import { encodeMessage } from './message.js'
import type { JsonValue } from '../python-json.js'

/** Reads requests and writes answers as python-negotiator 0.12.2 does, fields in the order that they had under Python 2. */
export const classicDialect: Dialect = {
  name: 'python-negotiator',
  parse: (body) => requestFrom(fieldsOf(JSON.parse(body.toString()))),
  render: (outcome) => encodeMessage(answerTo(outcome)),
}

type Fields = Readonly<Record<string, unknown>>

function requestFrom({ method, args = [], kw = {} }: Fields): LegacyRequest {
  switch (method) {
    case 'list_commands':
      return { kind: 'catalogue' }
    case 'execute':
      return executeFrom(args, fieldsOf(kw))
    case 'prepare_environment':
      return answer({ result: null, success: true })
    default:
      return refusal(`Method ${typeof method === 'string' ? method : 'None'} not supported`)
  }
}

function executeFrom(args: unknown, kw: Fields): LegacyRequest {
  if (!Array.isArray(args) || !args.every((word) => typeof word === 'string'))
    return refusal('The arguments of execute must be strings')
  const [command, ...rest] = args
  if (command === undefined) return refusal('The name of a command is missing')
  const input = kw['input'] ?? undefined
  if (input !== undefined && typeof input !== 'string')
    return refusal('The input of execute must be a string')
  const request: RunRequest = {
    ask: 'run',
    command: basename(command),
    args: rest,
    hasStdin: input !== undefined,
  }
  return { kind: 'run', request, input: input === undefined ? undefined : Buffer.from(input) }
}

function answerTo(outcome: LegacyOutcome): JsonValue {
  if (outcome.kind === 'catalogue') return { result: outcome.names, success: true }
  const { request, ended } = outcome
  const trouble = troubleOf(request, ended)
  return trouble === undefined
    ? { result: textOf(ended.stdout), success: true }
    : { success: false, error: trouble }
}

function troubleOf(request: RunRequest, { result, stdout, isCut }: CollectedEnd): string | undefined {
  if (result.kind !== 'exited' || result.code !== 0) return failureText(result, request)
  if (isCut)
    return `The output of ${request.command} is longer than ${classicOutputBytesMax} bytes, the most that this protocol can carry; upgrade the caller to stream it`
  if (!isUtf8(stdout))
    return `The output of ${request.command} is not text, and this protocol carries nothing else; upgrade the caller`
  return undefined
}

function failureText(result: Result, { command, args }: RunRequest): string {
  const line = `Command:\n${[command, ...args].map(quoted).join(' ')}`
  switch (result.kind) {
    case 'exited':
      // 127 is what the library takes for a command that is not there, whoever says so.
      if (result.code === 127) return `External command isn't available!\n\n${line}`
      return `External command failed with exit code ${result.code}!\n\n${line}`
    case 'signalled':
      return `External command failed with exit code -${signalNumber(result.signal)}!\n\n${line}`
    case 'unknown-command':
      return `External command isn't available!\n\n${line}`
    default:
      return `External command failed: ${result.kind}: ${result.reason}\n\n${line}`
  }
}

/** What the library under python-negotiator makes of output: one line without blanks around it, several as they are. */
function textOf(stdout: Buffer): string {
  const text = stdout.toString()
  const stripped = text.trim()
  return stripped.includes('\n') ? text : stripped
}

function answer(value: JsonValue): LegacyRequest {
  return { kind: 'answer', body: encodeMessage(value) }
}

function refusal(error: string): LegacyRequest {
  return answer({ success: false, error })
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

/** A word as a shell would take it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`
}
