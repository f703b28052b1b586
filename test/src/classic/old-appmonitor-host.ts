/**
 * appmonitor's host side as its users have it: a connection for each call, which takes the first answer that comes for its own.
 */
import { once } from 'node:events'
import { createConnection } from 'node:net'

const answerEnd = '\n\r'
const patienceMs = 60_000

/**
 * Connects, sends a line, reads up to the end of an answer, and leaves.
 * @returns the answer as the old host cuts it out of the line, with neither braces nor the operation
 * @throws {Error} `Unknow Error`, as it calls it, when the answer is not to the operation that it sent
 */
export async function askAsOldAppmonitor(socketPath: string, line: string): Promise<string> {
  const socket = createConnection({ path: socketPath })
  await once(socket, 'connect')
  try {
    socket.setTimeout(patienceMs, () =>
      socket.destroy(new Error('No answer, and the old host waits for ever')),
    )
    socket.write(line)
    let heard = ''
    while (!heard.includes(answerEnd)) heard += String((await once(socket, 'data'))[0])
    const [answer = ''] = heard.split(answerEnd)
    if (quoted(answer) !== quoted(line)) throw new Error('Unknow Error')
    const behindOperation = answer.slice(answer.indexOf(',') + 1).trim()
    return behindOperation
      .slice(behindOperation.indexOf(':') + 1)
      .trim()
      .slice(0, -1)
  } finally {
    const closed = once(socket, 'close')
    socket.destroy()
    await closed
  }
}

/** What stands between the third quote and the fourth. */
function quoted(text: string): string | undefined {
  return text.split('"')[3]
}
