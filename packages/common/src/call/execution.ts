/**
 * Runs an allowed call's command on this machine: which command, with which arguments, under which limits, one result.
 * Floor 5. With the dispatcher the only one that knows both registry and process.
 */
import type { Clock } from '../clock.js'
import { callerName } from '../policy/caller.js'
import type { Caller } from '../policy/caller.js'
import type { Rule } from '../policy/rule.js'
import { checkArgs } from '../registry/arguments.js'
import type { Command } from '../registry/command.js'
import type { Registry } from '../registry/registry.js'
import { environmentFor } from '../process/environment.js'
import type { RunningCommand } from '../process/runner.js'
import type { RunRequest } from '../wire/request.js'
import type { Result } from '../wire/result.js'
import type { Admission } from './admission.js'
import type { CallEnding } from './ending.js'
import { pumpFromLane, pumpToLane } from './pump.js'
import { noStdin, tooManyOfCommand, unknownCommand, wrongArguments } from './refusals.js'
import { startCommand } from './start-command.js'
import type { TracedCall } from './traced-call.js'

/** What the executions of one side share. */
export interface ExecutionParts {
  readonly side: 'host' | 'guest'
  readonly registry: Registry
  readonly admission: Admission
  readonly clock: Clock
}

/** One allowed call. */
export interface Execution {
  readonly call: TracedCall
  readonly ending: CallEnding
  readonly request: RunRequest
  readonly caller: Caller
  readonly callId: string
  readonly rule: Rule
  /** Told once the command is known. */
  readonly onCommand: (command: Command) => void
}

/** Runs the call to its end. @returns its result; what throws is a fault of ours */
export async function execute(parts: ExecutionParts, execution: Execution): Promise<Result> {
  const found = await parts.registry.find(execution.request.command)
  if ('missing' in found) return unknownCommand()
  if ('refused' in found) return { kind: 'failed-to-start', reason: found.refused.reason }
  const { command } = found
  execution.onCommand(command)
  const refusal = whyNot(command, execution.request)
  if (refusal !== undefined) return refusal
  execution.ending.limit({
    timeoutMs: execution.rule.options.timeoutMs,
    setBy: ", as the policy's rule says",
  })
  execution.ending.limit({ timeoutMs: command.settings.timeoutMs, setBy: ', as its settings say' })
  return await withPlace(parts, { execution, command })
}

interface Accepted {
  readonly execution: Execution
  readonly command: Command
}

function whyNot({ settings }: Command, request: RunRequest): Result | undefined {
  if (request.hasStdin && settings.hasStdin === false) return noStdin()
  const reason = checkArgs(settings, request.args)
  return reason === undefined ? undefined : wrongArguments(reason)
}

/** A command's own limit on how many run at once. */
async function withPlace(parts: ExecutionParts, accepted: Accepted): Promise<Result> {
  const { admission } = parts
  const { path, settings } = accepted.command
  const { concurrentMax: countMax, whenFull } = settings
  if (countMax === undefined) return await start(parts, accepted)
  const { ending, call } = accepted.execution
  const name = `command ${path}`
  call.enter('wait')
  const leave =
    whenFull === 'busy'
      ? admission.tryEnter(name, countMax)
      : await admission.enter(name, { countMax, signal: ending.signal })
  if (leave === undefined) return ending.isEnded ? ending.result : tooManyOfCommand(countMax)
  try {
    return await start(parts, accepted)
  } finally {
    leave()
  }
}

async function start(parts: ExecutionParts, accepted: Accepted): Promise<Result> {
  const { call, ending, request, rule } = accepted.execution
  if (ending.isEnded) return ending.result
  call.enter('start')
  const environment = environmentOf(parts.side, accepted)
  const { args, hasStdin } = request
  const start = { command: accepted.command, options: rule.options, args, hasStdin, environment }
  const running = await startCommand(start, parts.clock)
  if ('kind' in running) return running
  call.enter('run')
  return await carry(call, { running, ending })
}

function environmentOf(
  side: ExecutionParts['side'],
  { execution: { caller, callId }, command }: Accepted,
): Readonly<Record<string, string>> {
  const guest = caller.kind === 'guest' ? caller : undefined
  return environmentFor({
    callId,
    command: command.name,
    callerKind: caller.kind,
    callerName: callerName(caller),
    callerUuid: guest?.uuid,
    guestName: side === 'host' ? guest?.name : undefined,
  })
}

async function carry(
  call: TracedCall,
  { running, ending }: { running: RunningCommand; ending: CallEnding },
): Promise<Result> {
  if (running.stdin === undefined) call.stdin.discard()
  else pumpFromLane(call.stdin, running.stdin)
  pumpToLane(running.stdout, call.stdout)
  pumpToLane(running.stderr, call.stderr)
  ending.watch(running)
  const ended = await running.ended
  return ending.isEnded ? ending.result : ended
}
