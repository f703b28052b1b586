/**
 * The old face at work: what python-negotiator's programs print, by way of our daemon.
 * Floor 8. Standard output is theirs byte for byte; a failure prints nothing on it.
 */
import { basename } from 'node:path/posix'
import { Readable } from 'node:stream'
import type { PeerState } from '../../call/peer.js'
import { inTime, systemClock } from '../../clock.js'
import type { Client } from '../../control/client.js'
import type { Outcome } from '../../control/call.js'
import { SystemError, UsageError } from '../../errors.js'
import { heartbeatDeadMs } from '../../limits.js'
import { escapeControl } from '../../log.js'
import { runDaemon } from '../daemon.js'
import { deliver } from '../deliver.js'
import { exitCodeOf } from '../exit-code.js'
import { configOf, connectToDaemon } from '../options.js'
import type { ProgramContext } from '../program-context.js'
import type { Face, OldAction, OldRequest } from './parse.js'
import { splitWords } from './split-words.js'
import { stripEnd } from './strip-end.js'

/** Guests that the old program did not list: it knew those that run and have the channel. */
const unlisted: readonly PeerState[] = ['off', 'paused', 'no-channels']

type ExecuteAction = OldAction & { readonly kind: 'execute' }

/**
 * Does what was asked for in the old face.
 * @returns the exit status
 */
export async function runOldFace(
  context: ProgramContext,
  face: Face & { readonly kind: 'old' | 'bad' },
): Promise<number> {
  if (face.kind === 'bad') {
    const error = new UsageError(
      `Cannot read the options: ${face.reason}; ${context.name} --help tells more`,
      {
        code: 'bad-option',
      },
    )
    return asTold(context.failed(error), face)
  }
  try {
    return asTold(await new OldFace(context, face.request).run(), face.request)
  } catch (error) {
    return asTold(context.failed(error), face.request)
  }
}

function asTold(status: number, { isClassicExit }: { readonly isClassicExit: boolean }): number {
  return isClassicExit && status !== 0 ? 1 : status
}

class OldFace {
  readonly #context: ProgramContext
  readonly #request: OldRequest

  constructor(context: ProgramContext, request: OldRequest) {
    this.#context = context
    this.#request = request
  }

  /** Does one thing after another, up to the first that fails. @returns its exit status, or 0 */
  async run(): Promise<number> {
    for (const action of this.#request.actions) {
      const status = await this.#do(action)
      if (status !== 0) return status
    }
    return 0
  }

  async #do(action: OldAction): Promise<number> {
    switch (action.kind) {
      case 'list-guests':
        return await this.#printGuests()
      case 'list-commands':
        return await this.#printCommands(action.target)
      case 'execute':
        return await this.#execute(action)
      case 'daemon':
        return await this.#serve()
    }
  }

  async #printGuests(): Promise<number> {
    const peers = await this.#ask(async (client) => await client.peers())
    const callable = peers.filter(({ state }) => !unlisted.includes(state))
    return await this.#printLines(callable.map(({ name }) => name).toSorted(byCodePoint))
  }

  async #printCommands(target: string): Promise<number> {
    const commands = await this.#ask(async (client) => await client.commands(target))
    const names = commands.map(({ name }) => name)
    // The old program sorts them on the host only.
    return await this.#printLines(this.#context.isHost ? names.toSorted(byCodePoint) : names)
  }

  async #execute({ target, commandLine }: ExecuteAction): Promise<number> {
    const [first, ...args] = splitWords(commandLine)
    if (first === undefined)
      throw new UsageError(`Cannot run "${commandLine}": it names no command`, { code: 'bad-option' })
    // A path may lead to it, which the old programs cut off on the other side.
    const command = basename(first)
    const outcome = await this.#ask(async (client) => await client.run({ target, command, args }))
    if (outcome.kind === 'exited' && outcome.code === 0) {
      if (this.#request.verbosity > 0) this.#complain(outcome.stderr.toString())
      return await this.#print(Buffer.concat([stripEnd(outcome.stdout), Buffer.from('\n')]))
    }
    this.#complain(outcome.stderr.toString())
    this.#complain(`${command} on ${target}: ${endingOf(outcome)}\n`)
    return exitCodeOf(outcome)
  }

  async #serve(): Promise<number> {
    const { startDaemon, side } = this.#context.options
    const { verbosity, device } = this.#request
    const config = await configOf(side, { root: this.#request.root, config: this.#request.config })
    const level =
      verbosity > 0 ? 'debug' : verbosity < -1 ? 'error' : verbosity < 0 ? 'warn' : config['log-level']
    const port = device === undefined ? {} : { 'channel-folder': '', 'host-to-guest-device': device }
    await runDaemon(startDaemon, {
      config: { ...config, 'log-level': level, ...port },
      root: this.#request.root ?? '/',
    })
    return 0
  }

  /** Asks the daemon, for as long as the request allows. */
  async #ask<Answer>(use: (client: Client) => Promise<Answer>): Promise<Answer> {
    const { timeoutMs, verbosity, device } = this.#request
    if (device !== undefined && verbosity > 0)
      this.#complain(`The daemon has the ports, so ${escapeControl(device)} is left to it\n`)
    const startedMs = systemClock.now()
    const client = await this.#connect()
    try {
      const leftMs = timeoutMs === undefined ? undefined : timeoutMs - (systemClock.now() - startedMs)
      const answer = await inTime(systemClock, { promise: use(client), timeoutMs: leftMs })
      if (answer !== undefined) return answer.value
    } finally {
      client.close() // What is under way is ended with it.
    }
    throw new SystemError(`Gave up after ${(timeoutMs ?? 0) / 1000} seconds; -t SECONDS allows more`, {
      code: 'timed-out',
    })
  }

  async #connect(): Promise<Client> {
    const { root, config, timeoutMs = heartbeatDeadMs } = this.#request
    const patienceMs = Math.min(timeoutMs, heartbeatDeadMs)
    return await connectToDaemon(this.#context.options.side, { root, config, patienceMs })
  }

  async #printLines(lines: readonly string[]): Promise<number> {
    return await this.#print(Buffer.from(`${lines.join('\n')}\n`))
  }

  async #print(bytes: Buffer): Promise<number> {
    await deliver(Readable.from([bytes]), this.#context.options.terminal.stdout)
    return 0
  }

  #complain(text: string): void {
    if (text !== '') this.#context.options.output.stderr(text)
  }
}

function endingOf(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'exited':
      return `it exited with status ${outcome.code}`
    case 'signalled':
      return `it was ended by ${outcome.signal}`
    default:
      return `${outcome.kind}: ${escapeControl(outcome.reason)}`
  }
}

/** As Python sorts. UTF-8 has the order of code points, which UTF-16 has not. */
function byCodePoint(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}
