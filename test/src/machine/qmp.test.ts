import { Duplex } from 'node:stream'
import { test } from 'tap'
import { QmpConnection } from './qmp.js'

interface FakeQemu {
  readonly connection: QmpConnection
  readonly socket: Duplex
  /** What was sent to QEMU. */
  readonly sent: readonly string[]
  readonly say: (message: unknown) => void
}

function fakeQemu(): FakeQemu {
  const sent: string[] = []
  const write = (bytes: Buffer, _encoding: string, done: () => void): void => {
    sent.push(String(bytes))
    done()
  }
  const socket = new Duplex({ read: () => {}, write })
  const say = (message: unknown): void => void socket.push(`${JSON.stringify(message)}\r\n`)
  return { connection: new QmpConnection(socket), socket, sent, say }
}

test('execute() finds its own answer among others and events', async (t) => {
  const { connection, sent, say } = fakeQemu()
  const events: unknown[] = []
  connection.onEvent((event) => events.push(event))
  const results = Promise.all([connection.execute('stop'), connection.execute('query-status', { a: 1 })])
  t.strictSame(sent, [
    '{"execute":"stop","arguments":{},"id":1}\n',
    '{"execute":"query-status","arguments":{"a":1},"id":2}\n',
  ])
  say({ QMP: {} })
  say({ return: { running: false }, id: 2 })
  say({ event: 'STOP', data: { why: 'test' }, timestamp: {} })
  say({ return: {}, id: 1 })
  t.strictSame(await results, [{}, { running: false }])
  t.strictSame(events, [{ name: 'STOP', detail: { why: 'test' } }])
})

test('onEvent() gives a way to stop listening', async (t) => {
  const { connection, say } = fakeQemu()
  const events: unknown[] = []
  connection.onEvent((event) => events.push(event))()
  const result = connection.execute('stop')
  say({ event: 'STOP' })
  say({ return: {}, id: 1 })
  await result
  t.strictSame(events, [])
})

test('execute() fails with the words of QEMU', async (t) => {
  const { connection, say } = fakeQemu()
  const result = connection.execute('fly')
  say({ error: { class: 'CommandNotFound', desc: 'no such command' }, id: 1 })
  await t.rejects(result, /Cannot execute fly in QEMU's monitor: no such command/)
})

test('execute() fails when QEMU goes or is gone', async (t) => {
  const { connection, socket } = fakeQemu()
  const result = connection.execute('stop')
  socket.destroy()
  await t.rejects(result, /QEMU is gone/)
  await t.rejects(connection.execute('stop'), /QEMU is gone/)
})
