/**
 * The dialect behind an exchange in memory, with a dispatcher that keeps what is called and ends it as a test says.
 * Floor 6, for tests.
 */
import type { IncomingCall } from '../../call/call.js'
import { writeJsonLine } from '../../call/json-lines.js'
import type { Result } from '../../wire/result.js'
import type { Exchange, Letter, ReadableNodes } from '../exchange.js'
import { LegacyServer } from '../legacy-server.js'
import { openOpenStackDialect } from './openstack-dialect.js'
import type { OpenStackOptions } from './openstack-dialect.js'

/** A call that came to the dispatcher. */
export interface SeenCall {
  readonly command: string
  readonly args: readonly string[]
  readonly input: string
  readonly timeoutMs: number | undefined
}

/** How a command ends. */
export interface ScriptedEnd {
  readonly result?: Result
  readonly stdout?: string
  readonly stderr?: string
}

/** One dialect, and what it has done. */
export class OpenStackStage implements Exchange {
  readonly calls: SeenCall[] = []
  /** The commands that are there; all of ours unless told. */
  names: readonly string[] = ['apply-network', 'file-put', 'kms-activate', 'self-update', 'set-password']
  /** By command; each exits with 0 unless told. */
  readonly ends: Record<string, ScriptedEnd> = {}
  #receive: (letter: Letter) => void = () => undefined
  #answered: (answer: string) => void = () => undefined

  readonly nodes: ReadableNodes | undefined

  constructor({ nodes, ...options }: OpenStackOptions & { readonly nodes?: ReadableNodes } = {}) {
    this.nodes = nodes
    new LegacyServer({
      exchange: this,
      dialect: openOpenStackDialect(options),
      serve: (call) => this.#serve(call),
      outputBytesMax: 10_000,
    })
  }

  start(receive: (letter: Letter) => void): void {
    this.#receive = receive
  }

  reply(_id: number, body: Buffer | undefined): void {
    this.#answered(String(body))
  }

  /** @returns the answer's bytes, as text */
  async ask(body: string | Buffer): Promise<string> {
    return await this.#send({ id: 1, body: Buffer.from(body) })
  }

  /** @returns the answer to a request that could not be moved */
  async fault(fault: 'too-long' | 'too-many' | 'interrupted'): Promise<string> {
    return await this.#send({ id: 1, body: Buffer.alloc(0), fault })
  }

  /** @returns the answer to a request, read */
  async call(name: string, value: unknown = ''): Promise<{ returncode: string; message: string }> {
    return JSON.parse(await this.ask(JSON.stringify({ name, value }))) as {
      returncode: string
      message: string
    }
  }

  async #send(letter: Letter): Promise<string> {
    return await new Promise((resolve) => {
      this.#answered = resolve
      this.#receive(letter)
    })
  }

  #serve(call: IncomingCall): void {
    if (call.request.ask !== 'run') {
      const { names } = this
      call.listen({
        stop: () => call.finish({ kind: 'cancelled', reason: '' }),
        signal: () => undefined,
      })
      writeJsonLine(call.stdout, { commands: names.map((name) => ({ name, kind: 'module' })) })
      return
    }
    const { command, args, timeoutMs } = call.request
    let input = ''
    call.stdin.receive({ bytes: (chunk) => (input += chunk.toString('latin1')), end: () => undefined })
    this.calls.push({ command, args, input, timeoutMs })
    const {
      result = { kind: 'exited', code: 0 },
      stdout = 'what a command prints stays in the guest\n',
      stderr = '',
    } = this.ends[command] ?? {}
    call.stdout.write(Buffer.from(stdout))
    call.stderr.write(Buffer.from(stderr))
    call.finish(result)
  }
}
