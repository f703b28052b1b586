import { setImmediate } from 'node:timers/promises'
import { randomBytes } from 'node:crypto'
import { test } from 'tap'
import { moduleChunkBytes, moduleWindowBytes } from './module-limits.js'
import { bytesOf } from './test-processes.js'
import { testModule } from './test-modules.js'

const mebibyte = 2 ** 20

test('a module reads its input and writes its output byte for byte', async (t) => {
  const code = `export default async ({ stdin, write }) => { for await (const chunk of stdin) await write(chunk) }`
  const { start } = testModule(t, { code })
  const sent = randomBytes(3 * mebibyte + 17)
  const running = start({ hasStdin: true })
  running.stderr.resume()
  running.stdin?.end(sent)
  t.ok((await bytesOf(running.stdout)).equals(sent))
  t.same(await running.ended, { kind: 'exited', code: 0 })
})

test('a module that writes much waits for a slow reader, and so does the memory', async (t) => {
  const code = `let written = 0
    export default async ({ args: [size], write }) => {
      if (size === undefined) return String(written)
      const chunk = new Uint8Array(65536).fill(7)
      for (; written < Number(size); written += chunk.length) await write(chunk)
    }`
  const { start, finished } = testModule(t, { code })
  const size = 100 * mebibyte
  const running = start({ args: [String(size)] })
  running.stderr.resume()
  const written = async (): Promise<number> => Number((await finished()).stdout)
  let [before, now] = [-1, await written()]
  while (before < now || now === 0) [before, now] = [now, await written()]
  t.ok(now <= moduleWindowBytes + 2 * moduleChunkBytes, `${now} bytes were written without a reader`)
  let received = 0
  running.stdout.on('data', (chunk: Buffer) => {
    received += chunk.length
    running.stdout.pause()
    void setImmediate().then(() => running.stdout.resume())
  })
  t.same(await running.ended, { kind: 'exited', code: 0 })
  t.equal(received, size)
})

test('a module that does not read makes its writer wait', async (t) => {
  const code = `export default async ({ args: [isReading], stdin, signal }) => {
      let size = 0
      if (isReading) for await (const chunk of stdin) size += chunk.length
      else await new Promise((resolve) => signal.addEventListener('abort', resolve))
      return String(size)
    }`
  const { start, finished } = testModule(t, { code })
  const running = start({ hasStdin: true })
  let taken = 0
  for (let count = 0; count < 1000; count += 1)
    running.stdin?.write(Buffer.alloc(moduleChunkBytes), () => (taken += moduleChunkBytes))
  await finished({ args: ['yes'] })
  t.ok(taken <= moduleWindowBytes, `${taken} bytes were taken`)
  running.stdin?.on('error', () => undefined)
  running.stop()
  running.stdout.resume()
  running.stderr.resume()
  t.same(await running.ended, { kind: 'exited', code: 0 })
})

test('a module need not read its input to the end', async (t) => {
  const code = `export default async ({ stdin }) => { for await (const chunk of stdin) return 5 }`
  const { start } = testModule(t, { code })
  const running = start({ hasStdin: true })
  running.stdin?.on('error', () => undefined)
  running.stdin?.end(Buffer.alloc(10 * mebibyte))
  running.stdout.resume()
  running.stderr.resume()
  t.same(await running.ended, { kind: 'exited', code: 5 })
})

test('writes that nobody waited for arrive before the end, in their order', async (t) => {
  const code = `export default ({ write }) => {
      const buffer = new Uint8Array(1)
      for (let byte = 0; byte < 10000; byte += 1) { buffer[0] = byte; write(buffer) }
      return 'end'
    }`
  const { finished } = testModule(t, { code })
  const { stdout } = await finished()
  t.equal(stdout.length, 10_003)
  t.match(stdout, /end$/)
})

test('what cannot be written is said', async (t) => {
  const { finished } = testModule(t, { code: 'export default async ({ write }) => await write(5)' })
  const { stderr } = await finished()
  t.equal(stderr, 'tested: Cannot write: wanted a text or a Uint8Array, got number\n')
})
