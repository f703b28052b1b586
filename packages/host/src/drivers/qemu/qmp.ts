/**
 * One question to a running QEMU over its monitor socket.
 * The socket serves one client at a time, so we ask, listen and leave; a monitor that is in use by somebody else is theirs.
 * @see https://www.qemu.org/docs/master/interop/qmp-spec.html
 */
import { connectSocket, SystemError } from '@negotiator/common'
import type { Channel, Clock } from '@negotiator/common'
import { QmpReader } from './qmp-reader.js'

/** A QMP command, e.g. `query-name`; with its arguments when it has some. */
export type QmpCommand =
  | string
  | { readonly execute: string; readonly arguments: Readonly<Record<string, unknown>> }

interface Question {
  /** The monitor's socket. */
  readonly path: string
  readonly commands: readonly QmpCommand[]
  /** To connect and be answered: somebody else's monitor takes our connection and never says a word. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * Asks a QEMU.
 * @returns what each command gave back, in order; `undefined` for one that failed
 * @throws {SystemError} `qmp-silent`, or as `connectSocket` does; {@link PeerError} `qmp-nonsense`
 */
export async function askQemu({
  path,
  commands,
  timeoutMs,
  clock,
  signal,
}: Question): Promise<readonly unknown[]> {
  const late = new AbortController()
  const timer = clock.setTimer(timeoutMs, () => late.abort())
  const over = AbortSignal.any([late.signal, signal])
  try {
    const channel = await connectSocket({ path, signal: over })
    return await converse({ channel, commands, signal: over }).finally(() => channel.close())
  } finally {
    timer.cancel()
  }
}

interface Conversation {
  readonly channel: Channel
  readonly commands: readonly QmpCommand[]
  readonly signal: AbortSignal
}

async function converse({ channel, commands, signal }: Conversation): Promise<readonly unknown[]> {
  return await new Promise((resolve, reject) => {
    const answers: unknown[] = []
    const reader = new QmpReader(channel.name)
    signal.addEventListener('abort', () => reject(silent(channel.name)), { once: true })
    channel.start({
      bytes: (chunk) => {
        try {
          answers.push(...reader.push(chunk))
        } catch (error) {
          reject(error instanceof Error ? error : new Error('reading failed', { cause: error }))
        }
        // The first answer is that to qmp_capabilities.
        if (answers.length > commands.length) resolve(answers.slice(1))
      },
      drained: () => undefined,
      closed: () => reject(silent(channel.name)),
    })
    const asked = ['qmp_capabilities', ...commands].map((command) =>
      typeof command === 'string' ? { execute: command } : command,
    )
    const lines = asked.map((command) => `${JSON.stringify(command)}\n`)
    channel.write(Buffer.from(lines.join('')))
  })
}

function silent(path: string): SystemError {
  return new SystemError(
    `Cannot ask the monitor "${path}": it does not answer; another program may be attached to it`,
    {
      code: 'qmp-silent',
    },
  )
}
