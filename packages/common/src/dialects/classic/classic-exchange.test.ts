import { test } from 'tap'
import { FakeClock } from '../../fake-clock.js'
import {
  classicPatienceMs,
  earlyLetterKeptMs,
  earlyLetterMs,
  earlyLetterSettleMs,
} from '../dialect-limits.js'
import type { Letter } from '../exchange.js'
import { ClassicExchange } from './classic-exchange.js'
import { encodeMessage } from './message.js'

interface Stage {
  readonly clock: FakeClock
  readonly exchange: ClassicExchange
  readonly given: Letter[]
  readonly sent: string[]
  readonly ask: (method: string) => void
  /** Answers the letter given last with its method. */
  readonly answer: () => void
  /** Whether what is sent leaves at once; it does until told otherwise. */
  readonly leaves: (does: boolean) => void
}

function setStage(): Stage {
  const clock = new FakeClock()
  const given: Letter[] = []
  const sent: string[] = []
  let isLeaving = true
  const exchange = new ClassicExchange({
    clock,
    send: (bytes) => {
      sent.push(bytes.toString())
      return isLeaving
    },
    onRequest: () => undefined,
  })
  exchange.start((letter) => void given.push(letter))
  exchange.plugged()
  const ask = (method: string): void => exchange.take(encodeMessage({ method }))
  const answer = (): void => {
    const letter = given.at(-1)
    if (letter !== undefined) exchange.reply(letter.id, Buffer.from(methodOf(letter)))
  }
  return { clock, exchange, given, sent, ask, answer, leaves: (does) => (isLeaving = does) }
}

function methodOf({ body }: Letter): string {
  return (JSON.parse(body.toString()) as { method: string }).method
}

test('ClassicExchange gives the next request also when the one before it was passed over', async (t) => {
  const { clock, given, sent, ask, answer } = setStage()
  ask('first')
  await clock.advance(classicPatienceMs / 2)
  ask('second')
  await clock.advance(classicPatienceMs / 2)
  ask('third')
  t.same(given.map(methodOf), ['first', 'second'])
  answer()
  answer()
  t.same(sent, ['second', 'third'])
})

test('ClassicExchange answers a request on the next channel that came just before the last one ended', async (t) => {
  const { clock, exchange, sent, ask, answer } = setStage()
  ask('early')
  exchange.unplugged()
  answer()
  await clock.advance(earlyLetterMs)
  t.same(sent, [])
  exchange.plugged()
  await clock.advance(earlyLetterSettleMs)
  t.same(sent, ['early'])
  ask('long')
  exchange.unplugged()
  exchange.plugged()
  await clock.advance(10 * classicPatienceMs)
  answer()
  t.same(sent, ['early', 'long'])
})

test('ClassicExchange gives an early request that was not yet given once its client is there', async (t) => {
  const { clock, exchange, given, sent, ask, answer } = setStage()
  ask('left')
  await clock.advance(classicPatienceMs / 2)
  ask('early')
  exchange.unplugged()
  await clock.advance(earlyLetterKeptMs - classicPatienceMs / 2)
  exchange.plugged()
  t.same(given.map(methodOf), ['left'])
  await clock.advance(earlyLetterSettleMs)
  answer()
  t.same(sent, ['early'])
})

test('ClassicExchange forgets an early request when the next channel begins with another one', async (t) => {
  const { clock, exchange, sent, ask, answer } = setStage()
  ask('left')
  exchange.unplugged()
  answer()
  exchange.plugged()
  await clock.advance(earlyLetterSettleMs - 1)
  ask('mine')
  answer()
  await clock.advance(classicPatienceMs)
  t.same(sent, ['mine'])
})

test('ClassicExchange forgets what was asked well before the channel ended, or is answered to nobody', async (t) => {
  const { clock, exchange, sent, ask, answer } = setStage()
  ask('left')
  await clock.advance(earlyLetterMs)
  exchange.unplugged()
  exchange.plugged()
  answer()
  ask('gone')
  exchange.unplugged()
  answer()
  await clock.advance(earlyLetterKeptMs)
  exchange.plugged()
  await clock.advance(earlyLetterKeptMs)
  t.same(sent, [])
  ask('mine')
  answer()
  t.same(sent, ['mine'])
})

test('ClassicExchange sends an answer again that its channel took and lost', async (t) => {
  const { clock, exchange, sent, ask, answer, leaves } = setStage()
  leaves(false)
  ask('stuck')
  answer()
  await clock.advance(earlyLetterSettleMs)
  exchange.unplugged()
  leaves(true)
  exchange.plugged()
  await clock.advance(earlyLetterSettleMs)
  t.same(sent, ['stuck', 'stuck'])

  ask('ended')
  answer()
  exchange.unplugged() // In the same moment: the channel was over when it took the answer.
  exchange.plugged()
  await clock.advance(earlyLetterSettleMs)
  t.same(sent, ['stuck', 'stuck', 'ended', 'ended'])
})

test('ClassicExchange sends nothing again that has left', async (t) => {
  const { clock, exchange, sent, ask, answer, leaves } = setStage()
  const nextChannel = async (): Promise<void> => {
    exchange.unplugged()
    exchange.plugged()
    await clock.advance(earlyLetterSettleMs)
  }
  ask('at once')
  answer()
  await clock.advance(1)
  await nextChannel()
  leaves(false)
  ask('later')
  answer()
  exchange.drained()
  await nextChannel()
  ask('stuck')
  answer()
  ask('next') // Its client is another one, and this is the channel's end for the one before.
  await nextChannel()
  leaves(true)
  answer()
  t.same(sent, ['at once', 'later', 'stuck', 'next'])
})

test('ClassicExchange answers the last request only on the next channel: a client asks once', async (t) => {
  const { clock, exchange, sent, ask, answer } = setStage()
  ask('left')
  ask('early')
  exchange.unplugged()
  exchange.plugged()
  await clock.advance(earlyLetterSettleMs)
  answer()
  t.same(sent, ['early'])
})
