import { test } from 'tap'
import { FakeClock } from '../../fake-clock.js'
import { classicRequestBytesMax } from '../dialect-limits.js'
import type { Letter } from '../exchange.js'
import { ClassicExchange } from './classic-exchange.js'
import { messageOf } from './old-peer.js'

function exchange(): { given: Letter[]; pushed: ClassicExchange } {
  const given: Letter[] = []
  const pushed = new ClassicExchange({
    clock: new FakeClock(),
    send: () => true,
    onRequest: () => undefined,
  })
  pushed.start((letter) => void given.push(letter))
  return { given, pushed }
}

test('ClassicExchange holds no more of those who do not wait than one request may have', (t) => {
  const { given, pushed } = exchange()
  const input = 'x'.repeat(classicRequestBytesMax / 4)
  for (let request = 0; request < 12; request += 1)
    pushed.take(Buffer.from(messageOf({ method: 'execute', args: [`a${request}`], kw: { input } })))
  t.equal(given.length, 1, 'one is being answered')
  for (let answered = 0; answered < 12; answered += 1) pushed.reply(given.at(-1)?.id ?? 0, Buffer.from('x'))
  t.equal(given.length, 3, 'two waited, the others were dropped')
  t.end()
})

test('ClassicExchange takes a count that is too large for garbage, and what follows all the same', (t) => {
  const { given, pushed } = exchange()
  pushed.take(Buffer.from(`${classicRequestBytesMax + 1}\n{"args": "`))
  pushed.take(Buffer.from(messageOf({ method: 'list_commands' })))
  t.equal(given.length, 1)
  t.end()
})
