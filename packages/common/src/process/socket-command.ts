/**
 * Calls a service that listens on a UNIX socket, as a running command like any other.
 * Floor 4. One connection for each call: a first line says who calls, standard input follows, what comes back is standard output.
 */
import { createConnection } from 'node:net'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { Clock } from '../clock.js'
import { systemCodeOf } from '../errors.js'
import { socketPathBytesMax } from '../limits.js'
import type { Result } from '../wire/result.js'
import type { CallFacts } from './environment.js'
import type { RunningCommand } from './runner.js'
import { brokenCode, isEnding, untilRead } from './call-endings.js'
import { untilClosed } from './outputs-closed.js'
import { notStarted } from './start-refusals.js'

/** Which service to call, and what it is told. */
export interface SocketStart {
  readonly path: string
  readonly args: readonly string[]
  readonly facts: CallFacts
  readonly hasStdin: boolean
}

/** Connects to the service. @returns the running command, or why there is no connection */
export async function startSocketCommand(start: SocketStart, clock: Clock): Promise<RunningCommand | Result> {
  if (Buffer.byteLength(start.path) > socketPathBytesMax)
    return notStarted(`the path of its socket is longer than ${socketPathBytesMax} bytes`)
  // The other direction goes on when one has ended.
  const socket = createConnection({ path: start.path, allowHalfOpen: true })
  const refusal = await untilConnected(socket)
  if (refusal !== undefined) return refusal
  socket.write(`${firstLine(start)}\n`)
  if (!start.hasStdin) socket.end()
  return new SocketCall(socket, { start, clock })
}

/** The facts of a call as one line: JSON writes a newline within them as `\n`. What is not known is left out. */
function firstLine({ args, facts }: SocketStart): string {
  const { command, callerName: caller, callerKind, callerUuid, guestName: guest, callId } = facts
  return JSON.stringify({ command, args, caller, callerKind, callerUuid, guest, callId })
}

async function untilConnected(socket: Socket): Promise<Result | undefined> {
  return await new Promise((resolve) => {
    const refuse = (error: Error): void => resolve(refusalOf(systemCodeOf(error) ?? 'unknown error'))
    socket.once('error', refuse)
    socket.once('connect', () => {
      socket.off('error', refuse)
      resolve(undefined)
    })
  })
}

function refusalOf(code: string): Result {
  return notStarted(explanations[code] ?? `its service cannot be reached: ${code}`)
}

const explanations: Readonly<Record<string, string>> = {
  ENOENT: 'its service does not run',
  ECONNREFUSED: 'its service does not run',
  EACCES: 'the daemon may not connect to its service',
  EAGAIN: 'its service has as many callers waiting as it takes',
  EPROTOTYPE: 'its socket is of another type than a stream',
}

/** A call under way. */
class SocketCall implements RunningCommand {
  readonly stdin: Socket | undefined
  readonly stdout: Socket
  readonly stderr = new Readable({ read: () => undefined })
  readonly ended: Promise<Result>
  readonly #stopped: Promise<void>
  #tellStopped: () => void = () => undefined
  #isStopped = false

  constructor(socket: Socket, { start, clock }: { start: SocketStart; clock: Clock }) {
    this.stdin = start.hasStdin ? socket : undefined
    this.stdout = socket
    this.#stopped = new Promise((resolve) => (this.#tellStopped = resolve))
    // The service has said all that it has to say, whether or not it has taken all of the input.
    socket.once('end', () => socket.destroy())
    this.ended = this.#untilEnded({ command: start.facts.command, clock })
  }

  signal(name: NodeJS.Signals): void {
    if (isEnding(name)) this.stop()
  }

  stop(): void {
    // What ended by itself before keeps its ending.
    if (!this.stdout.destroyed) this.#isStopped = true
    this.#tellStopped()
    this.stdout.destroy()
  }

  async #untilEnded({ command, clock }: { command: string; clock: Clock }): Promise<Result> {
    let isBroken = false
    this.stdout.once('error', () => (isBroken = true))
    await untilClosed([this.stdout])
    if (isBroken) this.stderr.push(`${command}: the connection to its service broke\n`)
    this.stderr.push(null)
    await untilRead([this.stderr], { clock, stopped: this.#stopped })
    if (this.#isStopped) return { kind: 'signalled', signal: 'SIGTERM' }
    return { kind: 'exited', code: isBroken ? brokenCode : 0 }
  }
}
