import { test } from 'tap'
import { PortChannel } from './port-channel.js'

/** A port with room for so many bytes. */
class SmallPort {
  readonly path = '/dev/vport0p1'
  roomBytes: number
  taken = ''
  writeCount = 0

  constructor(roomBytes: number) {
    this.roomBytes = roomBytes
  }

  write(bytes: Buffer): number {
    this.writeCount += 1
    const taken = bytes.subarray(0, this.roomBytes)
    this.roomBytes -= taken.length
    this.taken += taken.toString()
    return taken.length
  }
}

interface Told {
  readonly bytes: string[]
  readonly closed: (Error | undefined)[]
  drained: number
}

interface Ends {
  readonly port: SmallPort
  readonly channel: PortChannel
  readonly told: Told
  /** Begins to listen; `onBytes` is called at each chunk. */
  readonly start: (onBytes?: () => void) => void
  /** How often the port was told that we closed. */
  readonly forgotten: () => number
}

function channelOn(port: SmallPort): Ends {
  const told: Told = { bytes: [], closed: [], drained: 0 }
  let forgotten = 0
  const channel = new PortChannel(port, () => (forgotten += 1))
  const start = (onBytes: () => void = () => undefined): void =>
    channel.start({
      bytes: (chunk) => {
        told.bytes.push(chunk.toString())
        onBytes()
      },
      drained: () => (told.drained += 1),
      closed: (cause) => told.closed.push(cause),
    })
  return { port, channel, told, start, forgotten: () => forgotten }
}

function startedOn(port: SmallPort): Ends {
  const ends = channelOn(port)
  ends.start()
  return ends
}

/** `closed` is told in a microtask of its own. */
async function turn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve))
}

test('PortChannel is named by its device', (t) => {
  t.equal(channelOn(new SmallPort(0)).channel.name, '/dev/vport0p1')
  t.end()
})

test('write() hands bytes to the port at once, and more may follow', (t) => {
  const { port, channel, told } = startedOn(new SmallPort(100))
  t.equal(channel.write(Buffer.from('one ')), true)
  t.equal(channel.write(Buffer.from('two')), true)
  t.equal(port.taken, 'one two')
  t.equal(told.drained, 0, 'nobody was asked to wait')
  t.end()
})

test('write() keeps what the port does not take, in order, and says when all is taken', (t) => {
  const { port, channel, told } = startedOn(new SmallPort(2))
  t.equal(channel.write(Buffer.from('abcdef')), false, 'taken in part')
  t.equal(channel.write(Buffer.from('ghi')), false, 'not taken at all')
  t.equal(port.taken, 'ab')
  port.roomBytes = 5
  channel.flush()
  t.equal(port.taken, 'abcdefg')
  t.equal(told.drained, 0, 'some of it still waits')
  port.roomBytes = 100
  channel.flush()
  t.equal(port.taken, 'abcdefghi')
  t.equal(told.drained, 1)
  t.equal(channel.write(Buffer.from('j')), true)
  t.equal(port.taken, 'abcdefghij')
  t.end()
})

test('write() goes behind what waits, although there is room again', (t) => {
  const { port, channel } = startedOn(new SmallPort(1))
  channel.write(Buffer.from('ab'))
  port.roomBytes = 100
  t.equal(channel.write(Buffer.from('cd')), true)
  t.equal(port.taken, 'abcd')
  t.end()
})

test('flush() without anything that waits tells nothing', (t) => {
  const { port, channel, told } = startedOn(new SmallPort(100))
  channel.write(Buffer.from('a'))
  channel.flush()
  channel.flush()
  t.equal(told.drained, 0)
  t.equal(port.writeCount, 1)
  t.end()
})

test('flush() without room tells nothing and loses nothing', (t) => {
  const { port, channel, told } = startedOn(new SmallPort(0))
  channel.write(Buffer.from('abc'))
  channel.flush()
  t.equal(told.drained, 0)
  port.roomBytes = 3
  channel.flush()
  t.equal(port.taken, 'abc')
  t.end()
})

test('deliver() before start() is kept in order', (t) => {
  const { channel, told, start } = channelOn(new SmallPort(0))
  channel.deliver(Buffer.from('one'))
  channel.deliver(Buffer.from('two'))
  start()
  channel.deliver(Buffer.from('three'))
  t.same(told.bytes, ['one', 'two', 'three'])
  t.end()
})

test('end() is told once, with its cause, and not from within the call', async (t) => {
  const { channel, told, forgotten } = startedOn(new SmallPort(100))
  const cause = new Error('unplugged')
  channel.end(cause)
  t.same(told.closed, [])
  channel.end(new Error('later'))
  channel.close()
  channel.deliver(Buffer.from('too late'))
  await turn()
  t.strictSame(told.closed, [cause])
  t.same(told.bytes, [])
  t.equal(forgotten(), 0, 'the port knows already')
})

test('end() before start() is told after the bytes that came before it', async (t) => {
  const { channel, told, start } = channelOn(new SmallPort(0))
  channel.deliver(Buffer.from('last words'))
  channel.end()
  start()
  t.same(told.bytes, ['last words'])
  await turn()
  t.same(told.closed, [undefined])
})

test('close() is told once, without a cause, and lets the port forget the channel', async (t) => {
  const { channel, told, forgotten } = startedOn(new SmallPort(100))
  channel.close()
  channel.close()
  channel.end(new Error('later'))
  channel.deliver(Buffer.from('too late'))
  await turn()
  t.same(told.closed, [undefined])
  t.same(told.bytes, [])
  t.equal(forgotten(), 1)
})

test('close() before start() is told once, and nothing is delivered any more', async (t) => {
  const { channel, told, start } = channelOn(new SmallPort(0))
  channel.deliver(Buffer.from('unwanted'))
  channel.close()
  start()
  await turn()
  t.same(told.closed, [undefined])
  t.same(told.bytes, [])
})

test('close() from within bytes() ends delivery at once', async (t) => {
  const { channel, told, start } = channelOn(new SmallPort(0))
  for (const text of ['one', 'two', 'three']) channel.deliver(Buffer.from(text))
  start(() => channel.close())
  await turn()
  t.same(told.bytes, ['one'])
  t.same(told.closed, [undefined])
})

test('write() on a channel that is over reaches nobody and asks nobody to wait', async (t) => {
  const { port, channel, told } = startedOn(new SmallPort(1))
  channel.write(Buffer.from('ab'))
  channel.end()
  t.equal(channel.write(Buffer.from('c')), true)
  port.roomBytes = 100
  channel.flush()
  await turn()
  t.equal(port.taken, 'a', 'what waited for a host that has left is not for the next one')
  t.equal(told.drained, 0)
})
