import { test } from 'tap'
import type { Channel, ChannelReceiver } from '../../channel/channel.js'
import { pairedChannels } from '../../channel/paired-channels.js'
import type { PairedChannel } from '../../channel/paired-channels.js'
import { RecordedEnd } from '../../channel/recorded-end.js'
import { settle } from '../../fake-clock.js'
import { legacyLineBytesMax, linesPushBytesMax, linesWaitingMax } from '../dialect-limits.js'
import type { Letter } from '../exchange.js'
import { LinesExchange } from './lines-exchange.js'

interface Stage {
  readonly peer: RecordedEnd
  readonly left: PairedChannel
  readonly exchange: LinesExchange
  readonly letters: Letter[]
  /** What was given: bodies, or faults. */
  readonly given: () => readonly string[]
  readonly say: (text: string) => Promise<void>
  readonly heard: () => string
}

function setStage({ lineEnd = '\n', atOnceMax = 1, capacityBytes = 1 << 20 } = {}): Stage {
  const { left, right } = pairedChannels({ capacityBytes })
  const peer = new RecordedEnd(left)
  peer.start()
  const exchange = new LinesExchange({ channel: right, lineEnd, atOnceMax })
  const letters: Letter[] = []
  exchange.start((letter) => letters.push(letter))
  return {
    peer,
    left,
    exchange,
    letters,
    given: () => letters.map(({ body, fault }) => fault ?? body.toString()),
    say: async (text) => {
      left.write(Buffer.from(text))
      await settle()
    },
    heard: () => peer.received.toString(),
  }
}

test('lines end with LF, CR LF or LF CR, and come in pieces of any size', async (t) => {
  for (const text of ['a\nb\nc\n', 'a\r\nb\r\nc\r\n', 'a\n\rb\n\rc\n\r', '\n\ra\n\n\rb\r\n\n\nc\n']) {
    const whole = setStage({ atOnceMax: 9 })
    await whole.say(text)
    t.same(whole.given(), ['a', 'b', 'c'], JSON.stringify(text))
    const bytewise = setStage({ atOnceMax: 9 })
    for (const byte of text) await bytewise.say(byte)
    t.same(bytewise.given(), ['a', 'b', 'c'], `${JSON.stringify(text)} byte by byte`)
  }
})

test('reply() ends its line as the protocol has it, and the next letter is given then', async (t) => {
  const { exchange, letters, given, say, heard } = setStage({ lineEnd: '\n\n\r' })
  await say('a\n\rb\n\rc\n\r')
  t.same(given(), ['a'], 'one at a time')
  exchange.reply(letters[0]?.id ?? 0, Buffer.from('A'))
  t.same(given(), ['a', 'b'])
  exchange.reply(letters[1]?.id ?? 0, undefined)
  t.same(given(), ['a', 'b', 'c'], 'an answer may be none')
  exchange.reply(letters[0]?.id ?? 0, Buffer.from('again'))
  exchange.reply(letters[2]?.id ?? 0, Buffer.from('C'))
  await settle()
  t.equal(heard(), 'A\n\n\rC\n\n\r')
})

test('several letters are given at once where the protocol tells answers apart', async (t) => {
  const { exchange, letters, given, say, heard } = setStage({ atOnceMax: 2 })
  await say('a\nb\nc\n')
  t.same(given(), ['a', 'b'])
  exchange.reply(letters[1]?.id ?? 0, Buffer.from('B'))
  t.same(given(), ['a', 'b', 'c'])
  exchange.reply(letters[0]?.id ?? 0, Buffer.from('A'))
  await settle()
  t.equal(heard(), 'B\nA\n')
})

test('a line that is too long is one letter with a fault, and what follows is read', async (t) => {
  const { given, say } = setStage({ atOnceMax: 9 })
  await say('x'.repeat(legacyLineBytesMax))
  await say('x')
  await say(`${'x'.repeat(legacyLineBytesMax)}\nnext\n`)
  await say(`${'y'.repeat(legacyLineBytesMax)}\n`)
  t.same(given(), ['too-long', 'next', 'y'.repeat(legacyLineBytesMax)], 'the longest one is taken')
})

test('a flood is held in little, and each of its lines has its turn', async (t) => {
  const { exchange, letters, given, say } = setStage()
  const beyond = 100_000
  await say('a\n'.repeat(1 + linesWaitingMax + beyond))
  t.same(given(), ['a'])
  for (let id = 0; id < letters.length; id += 1) exchange.reply(letters[id]?.id ?? 0, undefined)
  t.equal(given().filter((text) => text === 'a').length, 1 + linesWaitingMax)
  t.equal(given().filter((text) => text === 'too-many').length, beyond)
  await say('after\n')
  t.equal(given().at(-1), 'after')
})

test('a peer that does not read its answers is given no more letters until it does', async (t) => {
  const { left, exchange, letters, given, say } = setStage({ capacityBytes: 100 })
  left.hold()
  await say('a\nb\n')
  exchange.reply(letters[0]?.id ?? 0, Buffer.alloc(200, 'A'))
  await settle()
  t.same(given(), ['a'])
  left.release()
  await settle()
  t.same(given(), ['a', 'b'])
})

test('push() sends what nobody asked for, and drops it while too much waits', async (t) => {
  const { left, exchange, heard } = setStage({ lineEnd: '\r\n', capacityBytes: 100 })
  t.equal(exchange.push(Buffer.from('hello')), true)
  await settle()
  t.equal(heard(), 'hello\r\n')
  left.hold()
  t.equal(exchange.push(Buffer.alloc(linesPushBytesMax - 100, 'x')), true)
  t.equal(exchange.push(Buffer.alloc(200, 'y')), false)
  left.release()
  await settle()
  t.equal(exchange.push(Buffer.from('z')), true)
  await settle()
  t.ok(heard().endsWith('x\r\nz\r\n'))
})

test('ended tells that the channel is over; answers to what came in it go nowhere', async (t) => {
  const { left, exchange, letters, say } = setStage()
  await say('a\nb\n')
  left.close()
  t.equal(await exchange.ended, undefined)
  t.equal(letters.length, 1)
  t.equal(exchange.push(Buffer.from('late')), false)
  exchange.close()
})

test('reply() writes to no channel that is over', async (t) => {
  const written: string[] = []
  const letters: Letter[] = []
  let receiver: ChannelReceiver | undefined
  const channel: Channel = {
    name: 'test',
    start: (given) => (receiver = given),
    write: (bytes) => written.push(bytes.toString()) > 0,
    close: () => undefined,
  }
  const exchange = new LinesExchange({ channel, lineEnd: '\n', atOnceMax: 1 })
  exchange.start((letter) => letters.push(letter))
  receiver?.bytes(Buffer.from('a\n'))
  receiver?.closed(new Error('unplugged'))
  exchange.reply(letters[0]?.id ?? 0, Buffer.from('late'))
  t.same(written, [])
  t.match(await exchange.ended, { message: 'unplugged' })
})
