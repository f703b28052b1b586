/**
 * One question to a running QEMU over its monitor socket.
 * The socket serves one client at a time, so we ask, listen and leave; a monitor that is in use by somebody else is theirs.
 */
import { connectSocket, PeerError, SystemError } from '@negotiator/common'

interface Question {
  /** The monitor's socket. */
  readonly path: string
  /** QMP commands without arguments, e.g. `query-name`. */
  readonly commands: readonly string[]
  readonly timeoutMs: number
}

/** A reply that is longer is not one to our questions. */
const replyBytesMax = 64 * 1024

/**
 * Asks a QEMU.
 * @returns what each command gave back, in order; `undefined` for one that failed
 * @throws {SystemError} when the monitor cannot be reached or does not answer in time; {@link PeerError} when it talks nonsense
 */
export async function askQemu({ path, commands, timeoutMs }: Question): Promise<readonly unknown[]> {
  const signal = AbortSignal.timeout(timeoutMs)
  const channel = await connectSocket({ path, signal })
  try {
    return await new Promise((resolve, reject) => {
      const answers: unknown[] = []
      let rest = ''
      const take = (line: string): void => {
        const message = parseLine(line)
        if ('return' in message) answers.push(message['return'])
        else if ('error' in message) answers.push(undefined)
        // The first answer is that to qmp_capabilities; greeting and events have neither field.
        if (answers.length > commands.length) resolve(answers.slice(1))
      }
      signal.addEventListener('abort', () => reject(silent(path)), { once: true })
      channel.start({
        bytes: (chunk) => {
          const lines = `${rest}${chunk.toString()}`.split('\n')
          rest = lines.pop() ?? ''
          try {
            for (const line of lines) take(line)
            if (rest.length > replyBytesMax) throw nonsense()
          } catch (error) {
            reject(error instanceof Error ? error : nonsense())
          }
        },
        drained: () => undefined,
        closed: () => reject(silent(path)),
      })
      const lines = ['qmp_capabilities', ...commands].map((execute) => `${JSON.stringify({ execute })}\n`)
      channel.write(Buffer.from(lines.join('')))
    })
  } finally {
    channel.close()
  }
}

function parseLine(line: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(line)
  if (typeof value === 'object' && value !== null) return { ...value }
  throw nonsense()
}

function silent(path: string): SystemError {
  return new SystemError(`Cannot ask the monitor "${path}": it does not answer; another program may be attached`, { code: 'qmp-silent' })
}

function nonsense(): PeerError {
  return new PeerError('Cannot understand a QEMU monitor: it does not speak QMP', { code: 'qmp-nonsense' })
}
