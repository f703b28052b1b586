/**
 * Serves a call that has come from the other side: which command, may it run, run it, one result.
 * Floor 5. The only file that knows registry and process; whatever happens, the call gets exactly one final answer.
 */
import { randomUUID } from 'node:crypto'
import type { Clock, Timer } from '../clock.js'
import { sentenceOf } from '../errors.js'
import type { Log } from '../log.js'
import type { Command } from '../registry/command.js'
import type { Registry } from '../registry/registry.js'
import { environmentFor } from '../process/environment.js'
import { startExecutable } from '../process/runner.js'
import type { RunningCommand } from '../process/runner.js'
import type { StopCause } from '../session/serving-stream.js'
import type { RunRequest } from '../wire/request.js'
import type { Result } from '../wire/result.js'
import type { Caller } from '../policy/caller.js'
import { callerName } from '../policy/caller.js'
import { serveCatalogue } from './catalogue.js'
import { pumpFromLane, pumpToLane } from './pump.js'
import type { IncomingCall } from './call.js'

interface DispatcherOptions {
  readonly registry: Registry
  readonly clock: Clock
  readonly log: Log
}

/** Why a running call was ended from outside; the first cause is kept. */
type Cause = StopCause | 'timed-out'

/** One side's answer to the calls of the other. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  /** Starts follow one another, each in a turn of the event loop of its own: a fork blocks, and a heartbeat must not wait. */
  #lastStart: Promise<void> = Promise.resolve()

  constructor(options: DispatcherOptions) {
    this.#options = options
  }

  /** Serves one call; its result goes to the stream. */
  serve(stream: IncomingCall, caller: Caller): void {
    const { request } = stream
    switch (request.ask) {
      case 'run':
        if (request.target === undefined) void this.#run(stream, { request, caller })
        else stream.finish({ kind: 'denied', reason: 'calls from guest to guest are not allowed' })
        return
      case 'commands':
        return serveCatalogue(stream, this.#options.registry)
      default:
        return stream.finish({ kind: 'denied', reason: `a peer may not ask for "${request.ask}"` })
    }
  }

  async #run(
    stream: IncomingCall,
    { request, caller }: { request: RunRequest; caller: Caller },
  ): Promise<void> {
    const { clock, log } = this.#options
    const startedMs = clock.now()
    const callId = randomUUID()
    const result = await this.#resultOf(stream, { request, caller, callId })
    stream.finish(result)
    log.info('Served a call', {
      caller: callerName(caller),
      command: request.command.slice(0, 64),
      result: result.kind,
      ...('code' in result ? { code: result.code } : {}),
      ...('reason' in result ? { reason: result.reason } : {}),
      durationMs: Math.round(clock.now() - startedMs),
      callId,
    })
  }

  async #resultOf(
    stream: IncomingCall,
    { request, caller, callId }: { request: RunRequest; caller: Caller; callId: string },
  ): Promise<Result> {
    const ending = new CallEnding({ stream, clock: this.#options.clock, timeoutMs: request.timeoutMs })
    try {
      const found = await this.#options.registry.find(request.command)
      if ('missing' in found) return { kind: 'unknown-command', reason: 'there is no command of this name' }
      if ('refused' in found) return { kind: 'failed-to-start', reason: found.refused.reason }
      await this.#nextTurn()
      if (ending.cause !== undefined) return ending.result()
      const running = await this.#start(found.command, { request, caller, callId })
      if ('kind' in running) return running
      return await this.#carry(stream, { running, ending })
    } catch (error) {
      // A fault of ours; the caller gets a fixed sentence, the log the whole.
      this.#options.log.error('Serving a call failed', { reason: sentenceOf(error), callId })
      return { kind: 'failed-to-start', reason: 'the daemon on the other side failed; its log says why' }
    } finally {
      ending.close()
    }
  }

  async #start(
    command: Command,
    { request, caller, callId }: { request: RunRequest; caller: Caller; callId: string },
  ): Promise<RunningCommand | Result> {
    const guest = caller.kind === 'guest' ? { callerUuid: caller.uuid, guestName: caller.name } : {}
    const executable = {
      path: command.path,
      args: request.args,
      environment: environmentFor({
        callId,
        command: command.name,
        callerName: callerName(caller),
        ...guest,
      }),
      folder: '/',
      hasStdin: request.hasStdin,
    }
    return await startExecutable(executable, this.#options.clock)
  }

  async #carry(
    stream: IncomingCall,
    { running, ending }: { running: RunningCommand; ending: CallEnding },
  ): Promise<Result> {
    if (running.stdin === undefined) stream.stdin.discard()
    else pumpFromLane(stream.stdin, running.stdin)
    pumpToLane(running.stdout, stream.stdout)
    pumpToLane(running.stderr, stream.stderr)
    ending.watch(running)
    const ended = await running.ended
    return ending.cause === undefined ? ended : ending.result()
  }

  async #nextTurn(): Promise<void> {
    this.#lastStart = this.#lastStart.then(async () => await new Promise((resolve) => setImmediate(resolve)))
    await this.#lastStart
  }
}

/** The endings of a call that come from outside the command: the first one counts. */
class CallEnding {
  readonly #timer: Timer | undefined
  readonly #timeoutMs: number | undefined
  #running: RunningCommand | undefined
  #cause: Cause | undefined

  constructor({
    stream,
    clock,
    timeoutMs,
  }: {
    stream: IncomingCall
    clock: Clock
    timeoutMs: number | undefined
  }) {
    this.#timeoutMs = timeoutMs
    if (timeoutMs !== undefined) this.#timer = clock.setTimer(timeoutMs, () => this.#end('timed-out'))
    stream.listen({ stop: (cause) => this.#end(cause), signal: (name) => this.#running?.signal(name) })
  }

  get cause(): Cause | undefined {
    return this.#cause
  }

  /** Ends this command when the call ends, or now if it has ended already. */
  watch(running: RunningCommand): void {
    this.#running = running
    if (this.#cause !== undefined) running.stop()
  }

  result(): Result {
    switch (this.#cause) {
      case 'timed-out':
        return { kind: 'timed-out', reason: `the command was ended after ${String(this.#timeoutMs)} ms` }
      case 'lost':
        return { kind: 'lost', reason: 'the session with the caller ended' }
      default:
        return { kind: 'cancelled', reason: 'the caller left' }
    }
  }

  close(): void {
    this.#timer?.cancel()
    this.#running = undefined
  }

  #end(cause: Cause): void {
    this.#cause ??= cause
    this.#running?.stop()
  }
}
