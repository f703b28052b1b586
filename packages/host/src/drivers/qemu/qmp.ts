/**
 * One question to a running QEMU over its monitor socket.
 * The socket serves one client at a time, so we ask, listen and leave; a monitor that is in use by somebody else is theirs.
 * @see https://www.qemu.org/docs/master/interop/qmp-spec.html
 */
import { connectSocket, PeerError, SystemError } from '@negotiator/common'
import type { Channel, Clock } from '@negotiator/common'

interface Question {
  /** The monitor's socket. */
  readonly path: string
  /** QMP commands without arguments, e.g. `query-name`. */
  readonly commands: readonly string[]
  /** To connect and be answered: somebody else's monitor takes our connection and never says a word. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** The greeting and our answers take a few hundred; a longer line is none of them. */
const lineBytesMax = 64 * 1024

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
  readonly commands: readonly string[]
  readonly signal: AbortSignal
}

async function converse({ channel, commands, signal }: Conversation): Promise<readonly unknown[]> {
  return await new Promise((resolve, reject) => {
    const answers: unknown[] = []
    let rest = ''
    signal.addEventListener('abort', () => reject(silent(channel.name)), { once: true })
    channel.start({
      bytes: (chunk) => {
        const lines = `${rest}${chunk.toString()}`.split('\n')
        rest = lines.pop() ?? ''
        const messages = lines.map(parseMessage)
        if (messages.includes(undefined) || rest.length > lineBytesMax) reject(nonsense(channel.name))
        answers.push(...messages.flatMap(answerOf))
        // The first answer is that to qmp_capabilities.
        if (answers.length > commands.length) resolve(answers.slice(1))
      },
      drained: () => undefined,
      closed: () => reject(silent(channel.name)),
    })
    const lines = ['qmp_capabilities', ...commands].map((execute) => `${JSON.stringify({ execute })}\n`)
    channel.write(Buffer.from(lines.join('')))
  })
}

type Message = Readonly<Record<string, unknown>>

function parseMessage(line: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** The greeting and events answer nothing. */
function answerOf(message: Message | undefined): readonly unknown[] {
  if (message === undefined) return []
  if ('return' in message) return [message['return']]
  return 'error' in message ? [undefined] : []
}

function silent(path: string): SystemError {
  return new SystemError(
    `Cannot ask the monitor "${path}": it does not answer; another program may be attached to it`,
    {
      code: 'qmp-silent',
    },
  )
}

function nonsense(path: string): PeerError {
  return new PeerError(`Cannot ask the monitor "${path}": what it says is not QMP`, { code: 'qmp-nonsense' })
}
