import { once } from 'node:events'
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { dirname, join } from 'node:path'
import { test } from 'tap'
import type { MetricsAddress } from '../agent/metrics-address.js'
import { FakeClock } from '../fake-clock.js'
import { metricsKeptMs } from '../limits.js'
import { createLog, silentLog } from '../log.js'
import { testFolder } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import type { Exposition } from './exposition.js'
import { MetricsServer } from './metrics-server.js'
import { openMetrics } from './open-metrics.js'

const loopback: MetricsAddress = { kind: 'tcp', host: '127.0.0.1', port: 0 }

/** A server of texts that are counted. */
async function testServer(
  test: Teardown,
  address: MetricsAddress,
  text = async (count: number): Promise<string> => `text ${count}\n`,
): Promise<{ clock: FakeClock; server: MetricsServer; logged: string[] }> {
  const clock = new FakeClock()
  const logged: string[] = []
  let count = 0
  const exposition: Exposition = { contentType: 'text/x-test', text: async () => await text((count += 1)) }
  const log = createLog({ level: 'warn', format: 'text', write: (line) => void logged.push(line) })
  const server = await MetricsServer.listen({ address, exposition, clock, log })
  test.teardown(async () => await server.close())
  return { clock, server, logged }
}

interface Answer {
  readonly status: number | undefined
  readonly type: string | undefined
  readonly text: string
}

async function ask(options: RequestOptions): Promise<Answer> {
  const asked = request({ path: '/metrics', agent: false, ...options }).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return { status: response.statusCode, type: response.headers['content-type'], text }
}

test('it answers on a loopback address', async (t) => {
  const { server } = await testServer(t, loopback)
  const answer = await ask({ host: '127.0.0.1', port: server.port })
  t.same(answer, { status: 200, type: 'text/x-test', text: 'text 1\n' })
})

test('it answers on a UNIX socket that nobody else may use, and leaves none behind', async (t) => {
  const path = join(testFolder(t), 'run/metrics.sock')
  const { server } = await testServer(t, { kind: 'unix', path })
  t.match(await ask({ socketPath: path }), { status: 200, text: 'text 1\n' })
  t.equal(statSync(path).mode & 0o007, 0)
  await server.close()
  t.notOk(existsSync(path))
})

test('it answers nothing but GET and HEAD of /metrics', async (t) => {
  const { server } = await testServer(t, loopback)
  const { port } = server
  t.match(await ask({ port, path: '/' }), { status: 404, text: 'there is only /metrics here\n' })
  t.match(await ask({ port, path: '/metrics/../status' }), { status: 404 })
  t.match(await ask({ port, method: 'POST' }), { status: 405, text: 'metrics are only to be read\n' })
  t.match(await ask({ port, method: 'HEAD' }), { status: 200, text: '' })
  t.match(await ask({ port, path: '/metrics?x=1' }), { status: 200 })
})

test('who asks without pause gets the same text, and after a second another', async (t) => {
  const { clock, server } = await testServer(t, loopback)
  const { port } = server
  t.same([(await ask({ port })).text, (await ask({ port })).text], ['text 1\n', 'text 1\n'])
  await clock.advance(metricsKeptMs)
  t.equal((await ask({ port })).text, 'text 2\n')
})

test('metrics that cannot be read are answered so, and logged', async (t) => {
  const { server, logged } = await testServer(t, loopback, async () => {
    throw new Error('a fault of ours')
  })
  t.match(await ask({ port: server.port }), {
    status: 500,
    text: 'the metrics cannot be read; the daemon has logged why\n',
  })
  t.match(logged, [/Cannot read the metrics.*a fault of ours/])
})

test('close() ends connections that are kept open', async (t) => {
  const { server } = await testServer(t, loopback)
  const asked = request({ port: server.port, path: '/metrics', headers: { connection: 'keep-alive' } }).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  response.resume()
  await server.close()
})

test('listen() says what is in its way', async (t) => {
  const { server } = await testServer(t, loopback)
  const port = server.port ?? 0
  await t.rejects(testServer(t, { ...loopback, port }), {
    code: 'metrics-failed',
    message: `Cannot offer the metrics on "127.0.0.1:${port}": another program has it; choose another with "metrics-listen"`,
  })
  const path = join(testFolder(t), 'metrics.sock')
  writeFileSync(path, '')
  await t.rejects(testServer(t, { kind: 'unix', path }), {
    code: 'socket-failed',
    message: `Cannot listen on the metrics socket "${path}": something else is there that is no socket; move it away`,
  })
})

test('openMetrics() offers nothing unless it is asked to', async (t) => {
  const facts = { side: 'guest' } as unknown as Parameters<typeof openMetrics>[0]['facts']
  const offered = await openMetrics({ listen: '', facts, clock: new FakeClock(), log: silentLog })
  t.same(offered.status(), { listen: '' })
  await offered.close()
})

test('openMetrics() tells in the status and in the log why it cannot, and the daemon goes on', async (t) => {
  const path = join(testFolder(t), 'shared/metrics.sock')
  mkdirSync(dirname(path))
  writeFileSync(path, '')
  const logged: string[] = []
  const log = createLog({ level: 'error', format: 'text', write: (line) => void logged.push(line) })
  const facts = { side: 'guest', agent: { peers: () => [], tally: {} } } as unknown as Parameters<
    typeof openMetrics
  >[0]['facts']
  const offered = await openMetrics({ listen: `unix:${path}`, facts, clock: new FakeClock(), log })
  const problem = `Cannot listen on the metrics socket "${path}": something else is there that is no socket; move it away`
  t.same(offered.status(), { listen: `unix:${path}`, problem })
  t.match(logged, [/The daemon goes on without metrics/])
  await offered.close()
})
