/**
 * The events of one libvirt, as `virsh event` prints them, for as long as somebody wants them.
 * Restarted whenever it ends, ever more slowly while libvirt is down. It tells that something was said and that libvirt is
 * there again; what is the case is for others to ask.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { sentenceOf } from '@negotiator/common'
import type { Clock, Log, Timer } from '@negotiator/common'
import { isOfInterest } from './event-line.js'
import { virshEnvironment } from './virsh.js'

interface DomainEventsOptions {
  readonly uri: string
  readonly clock: Clock
  readonly log: Log
  /** The program; tests give their own. */
  readonly program?: string | undefined
  /** An event that may have changed who is there or where channels end. */
  readonly onEvent: (line: string) => void
  /** From now on events are told; those before it are lost. */
  readonly onUp: () => void
  /** Events were told, and are not any more. */
  readonly onDown: () => void
}

/** A restart of libvirtd takes about a second. */
const retryMsMin = 500

/** How late we see a libvirt that was away for long. */
const retryMsMax = 10_000

/** The events, from their start to their end. */
export class DomainEvents {
  readonly #options: DomainEventsOptions
  #child: ChildProcess | undefined
  #retry: Timer | undefined
  #retryMs = retryMsMin
  #isUp = false
  #isClosed = false
  #triedOnce: () => void = () => undefined
  #ended: Promise<void> = Promise.resolve()

  constructor(options: DomainEventsOptions) {
    this.#options = options
  }

  /** Begins; resolves once events are told or cannot be told for now. */
  async start(): Promise<void> {
    const tried = new Promise<void>((resolve) => (this.#triedOnce = resolve))
    this.#begin()
    await tried
  }

  /** Tries again at once if it is waiting to: there is a sign that libvirt is back. */
  hurry(): void {
    if (this.#retry === undefined) return
    this.#retry.cancel()
    this.#retryMs = retryMsMin
    this.#begin()
  }

  /** Tells nothing more, and resolves when its process is gone. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#retry?.cancel()
    this.#child?.kill('SIGKILL')
    await this.#ended
  }

  #begin(): void {
    this.#retry = undefined
    const { uri, log, program = 'virsh' } = this.#options
    // The URI is printed once virsh is connected, just before it asks for the events.
    const args = ['--quiet', '--connect', uri, 'uri; event --loop --all']
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], env: virshEnvironment() })
    this.#child = child
    child.on('error', (error) => {
      log.debug('The events of libvirt cannot be had', { reason: sentenceOf(error) })
    })
    // This comes also when it could not be started.
    this.#ended = new Promise((resolve) => child.once('close', () => this.#over(resolve)))
    createInterface({ input: child.stdout }).on('line', (line) => this.#line(line))
  }

  #line(line: string): void {
    if (this.#isClosed) return
    if (!this.#isUp) {
      this.#isUp = true
      this.#retryMs = retryMsMin
      this.#triedOnce()
      this.#options.onUp()
    } else if (isOfInterest(line)) this.#options.onEvent(line)
  }

  #over(resolve: () => void): void {
    const wasUp = this.#isUp
    this.#child = undefined
    this.#isUp = false
    this.#triedOnce()
    resolve()
    if (this.#isClosed) return
    this.#retry = this.#options.clock.setTimer(this.#retryMs, () => this.#begin())
    this.#retryMs = Math.min(this.#retryMs * 2, retryMsMax)
    if (wasUp) this.#options.onDown()
  }
}
