import { test } from 'tap'
import type { Channel, ChannelReceiver } from '../../channel/channel.js'
import { pairedChannels } from '../../channel/paired-channels.js'
import { RecordedEnd } from '../../channel/recorded-end.js'
import { FakeClock, settle } from '../../fake-clock.js'
import { earlyLetterKeptMs, earlyLetterMs, earlyLetterSettleMs } from '../dialect-limits.js'
import { EarlyLetters } from '../early-letters.js'
import type { Letter } from '../exchange.js'
import { LinesExchange } from './lines-exchange.js'
import type { EarlyLine } from './lines-exchange.js'

interface Peer {
  readonly say: (text: string) => Promise<void>
  readonly heard: () => string
  /** Leaves, and its exchange hears of it. */
  readonly leave: () => Promise<void>
  /** What came on its channel. */
  readonly given: () => readonly string[]
  /** Answers so-manieth of these letters with itself in capitals. */
  readonly answer: (index?: number) => Promise<void>
}

interface Stage {
  readonly clock: FakeClock
  /** Attaches to a channel of its own; the one before must have left. */
  readonly attach: (options?: { readonly atOnceMax?: number }) => Peer
}

function setStage(): Stage {
  const clock = new FakeClock()
  const early = new EarlyLetters<EarlyLine>(clock)
  const attach = ({ atOnceMax = 8 } = {}): Peer => {
    const { left, right } = pairedChannels()
    const end = new RecordedEnd(left)
    end.start()
    const exchange = new LinesExchange({ channel: right, lineEnd: '\n', atOnceMax, early })
    const letters: Letter[] = []
    exchange.start((letter) => letters.push(letter))
    return {
      say: async (text) => {
        left.write(Buffer.from(text))
        await settle()
      },
      heard: () => end.received.toString(),
      leave: async () => {
        left.close()
        await settle()
      },
      given: () => letters.map(({ body }) => body.toString()),
      answer: async (index = 0) => {
        const { id, body } = letters[index] ?? { id: 0, body: Buffer.from('nothing') }
        exchange.reply(id, Buffer.from(body.toString().toUpperCase()))
        await settle()
      },
    }
  }
  return { clock, attach }
}

test('a request that came just before its channel ended is answered on the next one', async (t) => {
  const { clock, attach } = setStage()
  const former = attach()
  await former.say('early\n')
  await former.leave()
  await former.answer()
  await clock.advance(earlyLetterMs)
  const next = attach()
  await clock.advance(earlyLetterSettleMs - 1)
  t.equal(next.heard(), '', 'it may ask something of its own')
  await clock.advance(1)
  t.equal(next.heard(), 'EARLY\n')
  t.same([former.given(), next.given()], [['early'], []], 'nothing is done twice')
  t.equal(clock.timerCount, 0)
})

test('an answer that takes its time goes to the next channel, too, and what comes behind waits for it', async (t) => {
  const { clock, attach } = setStage()
  const former = attach({ atOnceMax: 1 })
  await former.say('early\nlater\n')
  await former.leave()
  const next = attach({ atOnceMax: 1 })
  await clock.advance(earlyLetterSettleMs)
  await next.say('own\n')
  t.same(next.given(), [])
  await clock.advance(10 * earlyLetterKeptMs)
  await former.answer()
  await next.answer(0)
  await next.answer(1)
  t.equal(next.heard(), 'EARLY\nLATER\nOWN\n')
  t.same(next.given(), ['later', 'own'])
})

test('who asks something of its own gets no answer to what was asked before', async (t) => {
  const { clock, attach } = setStage()
  const former = attach({ atOnceMax: 1 })
  await former.say('old\nolder\n')
  await former.leave()
  const next = attach()
  await clock.advance(earlyLetterSettleMs - 1)
  await next.say('ow')
  t.equal(clock.timerCount, 0)
  await former.answer()
  await clock.advance(earlyLetterKeptMs)
  await next.say('n\n')
  await next.answer()
  t.same([next.given(), next.heard()], [['own'], 'OWN\n'])
})

test('what was answered is not answered again on a later channel', async (t) => {
  const { clock, attach } = setStage()
  const former = attach()
  await former.say('early\n')
  await former.leave()
  const next = attach()
  await clock.advance(earlyLetterSettleMs)
  await former.answer()
  await next.leave()
  const last = attach()
  await clock.advance(earlyLetterSettleMs)
  t.same([next.heard(), last.heard()], ['EARLY\n', ''])
})

test('what was asked well before the channel ended is answered to nobody', async (t) => {
  const { clock, attach } = setStage()
  const former = attach({ atOnceMax: 1 })
  await former.say('old\n')
  await clock.advance(earlyLetterMs)
  await former.say('early\n')
  await former.leave()
  const next = attach()
  await former.answer()
  await clock.advance(earlyLetterSettleMs)
  await next.answer()
  t.same([next.given(), next.heard()], [['early'], 'EARLY\n'])
})

test('an early request waits for a channel a while; one that ends at once changes nothing', async (t) => {
  const { clock, attach } = setStage()
  const former = attach()
  await former.say('early\n')
  await former.leave()
  await attach().leave()
  t.equal(clock.timerCount, 0)
  const next = attach()
  await clock.advance(earlyLetterSettleMs)
  await former.answer()
  t.equal(next.heard(), 'EARLY\n')
  await next.say('gone\n')
  await next.leave()
  await next.answer()
  await clock.advance(earlyLetterKeptMs)
  const last = attach()
  t.equal(clock.timerCount, 0)
  await clock.advance(earlyLetterSettleMs)
  t.equal(last.heard(), '')
})

test('an answer that a channel took and lost is sent on the next one', async (t) => {
  for (const fate of ['over', 'unread', 'read late'] as const) {
    const clock = new FakeClock()
    const early = new EarlyLetters<EarlyLine>(clock)
    const former = plug(early, { isWritable: fate === 'over' })
    former.receiver.bytes(Buffer.from('early\n'))
    // A channel that is over tells so in the next microtask.
    if (fate !== 'over') await settle()
    if (fate === 'read late') former.receiver.drained()
    former.receiver.closed()
    const next = plug(early, { isWritable: true })
    await clock.advance(earlyLetterSettleMs)
    t.same(next.written, fate === 'read late' ? [] : ['early\n'], fate)
  }
})

/** An exchange that answers with what it is asked, on a channel that does as it is told. */
function plug(
  early: EarlyLetters<EarlyLine>,
  { isWritable }: { readonly isWritable: boolean },
): { readonly receiver: ChannelReceiver; readonly written: readonly string[] } {
  const written: string[] = []
  let receiver: ChannelReceiver = {
    bytes: () => undefined,
    drained: () => undefined,
    closed: () => undefined,
  }
  const channel: Channel = {
    name: 'test',
    start: (given) => (receiver = given),
    write: (bytes) => {
      written.push(bytes.toString())
      return isWritable
    },
    close: () => undefined,
  }
  const exchange = new LinesExchange({ channel, lineEnd: '\n', atOnceMax: 1, early })
  exchange.start(({ id, body }) => exchange.reply(id, body))
  return { receiver, written }
}
