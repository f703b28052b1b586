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
}

function setStage(): Stage {
  const clock = new FakeClock()
  const given: Letter[] = []
  const sent: string[] = []
  const exchange = new ClassicExchange({
    clock,
    send: (bytes) => void sent.push(bytes.toString()),
    onRequest: () => undefined,
  })
  exchange.start((letter) => void given.push(letter))
  exchange.plugged()
  const ask = (method: string): void => exchange.take(encodeMessage({ method }))
  const answer = (): void => {
    const letter = given.at(-1)
    if (letter !== undefined) exchange.reply(letter.id, Buffer.from(methodOf(letter)))
  }
  return { clock, exchange, given, sent, ask, answer }
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
