/**
 * The dialect on an exchange of lines, with commands that answer what a test says.
 * Floor 6, for tests.
 */
import type { IncomingCall } from '../../call/call.js'
import { pairedChannels } from '../../channel/paired-channels.js'
import type { PairedChannel } from '../../channel/paired-channels.js'
import { RecordedEnd } from '../../channel/recorded-end.js'
import { settle } from '../../fake-clock.js'
import type { RunRequest } from '../../wire/request.js'
import type { Result } from '../../wire/result.js'
import { LegacyServer } from '../legacy-server.js'
import { LinesExchange } from '../lines/lines-exchange.js'
import { openAppmonitorDialect } from './appmonitor-dialect.js'

/** How a command of a test ends; one that is not there is unknown, one that is `hung` does not end. */
export interface TestEnd {
  readonly stdout?: string
  readonly stderr?: string
  readonly result?: Result
  readonly isHung?: boolean
}

/** A call that was made. */
export interface MadeCall {
  readonly request: RunRequest
  readonly input: string
  readonly call: IncomingCall
}

interface AppmonitorStage {
  /** The host's end of the channel. */
  readonly left: PairedChannel
  readonly calls: readonly MadeCall[]
  /** Sends bytes, and gives all that was answered since. */
  readonly ask: (bytes: string) => Promise<string>
}

/** Opens the dialect over a channel in memory. */
export function appmonitorStage(commands: Readonly<Record<string, TestEnd>> = {}): AppmonitorStage {
  const { left, right } = pairedChannels()
  const host = new RecordedEnd(left)
  host.start()
  const calls: MadeCall[] = []
  const dialect = openAppmonitorDialect()
  const exchange = new LinesExchange({
    channel: right,
    lineEnd: dialect.lines?.end ?? '',
    atOnceMax: dialect.lines?.atOnceMax ?? 0,
  })
  const serve = (call: IncomingCall): void => serveFrom(commands, { call, calls })
  new LegacyServer({ exchange, dialect, serve, outputBytesMax: 1000 })
  const ask = async (bytes: string): Promise<string> => {
    const before = host.received.length
    left.write(Buffer.from(bytes))
    for (let turn = 0; turn < 5; turn += 1) await settle()
    return host.received.subarray(before).toString()
  }
  return { left, calls, ask }
}

function serveFrom(
  commands: Readonly<Record<string, TestEnd>>,
  { call, calls }: { call: IncomingCall; calls: MadeCall[] },
): void {
  const { request } = call
  if (request.ask !== 'run') throw new Error('Only commands are run here')
  let input = ''
  call.stdin.receive({ bytes: (chunk) => (input += chunk.toString()), end: () => undefined })
  calls.push({ request, input, call })
  const unknown: TestEnd = { result: { kind: 'unknown-command', reason: `there is no "${request.command}"` } }
  const { stdout = '', stderr = '', result, isHung } = commands[request.command] ?? unknown
  call.stdout.write(Buffer.from(stdout))
  call.stderr.write(Buffer.from(stderr))
  if (isHung !== true) call.finish(result ?? { kind: 'exited', code: 0 })
}
