/**
 * Runs commands in a guest over a serial line, apart from the ports under test.
 *
 * The other end is a script in guest-system.ts. Commands run one at a time, further ones wait their turn. The
 * console knows when its guest has booted, for the script says so.
 */
import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { ConsoleDecoder, requestLine } from './console-wire.js'
import type { ConsoleEvent } from './console-wire.js'

/** What a command in the guest did. */
export interface CommandResult {
  readonly stdout: string
  readonly stderr: string
  /** As the shell has it: 128 + n after signal n. */
  readonly status: number
}

/** How to run a command. */
export interface CommandOptions {
  /** After this the command is interrupted as by Ctrl-C, and `run` throws; 30 s unless told. */
  readonly timeoutMs?: number
  /** Standard input of the command; empty unless told. */
  readonly input?: string
}

interface Call {
  readonly id: string
  readonly command: string
  readonly resolve: (result: CommandResult) => void
  readonly reject: (error: Error) => void
}

interface BootWaiter {
  readonly previous: string | undefined
  readonly resolve: (bootId: string) => void
}

const interruptCharacter = '\x03'
const defaultTimeoutMs = 120_000
// How long an interrupted command may take to end before we stop waiting for it.
const interruptTimeoutMs = 5_000
// An emulated serial port takes some 40 KB a second, and the guest's kernel drops what overflows its 600 KiB.
const requestBytesMax = 256 * 1024

/** A shell in the guest. */
export class GuestConsole {
  readonly #line: Duplex
  readonly #decoder = new ConsoleDecoder()
  readonly #bootWaiters = new Set<BootWaiter>()
  #bootId: string | undefined
  #call: Call | undefined
  #lastTurn: Promise<unknown> = Promise.resolve()

  /** @param line the host's end of the guest's second serial port; the console reads and writes it alone */
  constructor(line: Duplex) {
    this.#line = line
    line.on('data', (bytes: Buffer) => {
      for (const event of this.#decoder.push(bytes)) this.#receive(event)
    })
    line.on('close', () => this.#abandonCall('the machine is gone'))
  }

  /** The id of the boot that the guest is in, `undefined` before the first one is done. */
  get bootId(): string | undefined {
    return this.#bootId
  }

  /** @returns the id of a boot other than `previous`, as soon as its shell is ready; waits as long as it takes */
  async booted(previous: string | undefined): Promise<string> {
    if (this.#bootId !== undefined && this.#bootId !== previous) return this.#bootId
    return await new Promise((resolve) => this.#bootWaiters.add({ previous, resolve }))
  }

  /**
   * Runs a command in a shell of its own.
   *
   * @param command shell text, any number of lines
   * @throws Error when it does not end in time, or the guest reboots or dies meanwhile; its exit status is no error
   */
  async run(
    command: string,
    { timeoutMs = defaultTimeoutMs, input = '' }: CommandOptions = {},
  ): Promise<CommandResult> {
    const turn = this.#lastTurn.then(() => this.#runNow({ command, input, timeoutMs }))
    this.#lastTurn = turn.catch(() => {})
    return await turn
  }

  /** Types a command that will never answer, such as `reboot -f`. */
  post(command: string): void {
    this.#line.write(requestLine({ id: randomUUID(), command, input: '' }))
    // What was on its way before the machine went down does not matter any more.
    this.#decoder.reset()
  }

  async #runNow({
    command,
    input,
    timeoutMs,
  }: Required<CommandOptions> & { command: string }): Promise<CommandResult> {
    const id = randomUUID()
    const line = requestLine({ id, command, input })
    if (line.length > requestBytesMax)
      throw failure(command, `it takes ${line.length} bytes, at most ${requestBytesMax} fit`)
    if (this.#line.destroyed) throw failure(command, 'the machine is gone')

    let isLate = false
    const interrupt = setTimeout(() => {
      isLate = true
      this.#line.write(interruptCharacter)
    }, timeoutMs)
    const giveUp = setTimeout(
      () => this.#abandonCall('it goes on after Ctrl-C'),
      timeoutMs + interruptTimeoutMs,
    )
    try {
      const answer = new Promise<CommandResult>(
        (resolve, reject) => (this.#call = { id, command, resolve, reject }),
      )
      this.#line.write(line)
      const result = await answer
      if (!isLate) return result
      throw failure(
        command,
        `it took more than ${timeoutMs} ms and printed: ${result.stdout}${result.stderr}`,
      )
    } finally {
      clearTimeout(interrupt)
      clearTimeout(giveUp)
      this.#call = undefined
    }
  }

  #receive(event: ConsoleEvent): void {
    switch (event.kind) {
      case 'greeting':
        return this.#receiveGreeting(event.bootId)
      case 'answer': {
        // The answer to a call that was given up: ours is still to come.
        if (event.id !== this.#call?.id) return
        const { status, stdout, stderr } = event
        return this.#call.resolve({ status, stdout: stdout.toString(), stderr: stderr.toString() })
      }
    }
  }

  #receiveGreeting(bootId: string): void {
    this.#abandonCall('its shell began anew')
    this.#bootId = bootId
    for (const waiter of this.#bootWaiters) {
      if (waiter.previous === bootId) continue
      this.#bootWaiters.delete(waiter)
      waiter.resolve(bootId)
    }
  }

  #abandonCall(why: string): void {
    if (this.#call !== undefined) this.#call.reject(failure(this.#call.command, why))
  }
}

function failure(command: string, why: string): Error {
  return new Error(`Cannot run ${JSON.stringify(command)} in the guest: ${why}`)
}
