import { test } from 'tap'
import { Gate } from './gate.js'

const never = new AbortController().signal

test('tryEnter() lets in so many, and again when one has left', (t) => {
  const gate = new Gate(2)
  t.same([gate.tryEnter(), gate.tryEnter(), gate.tryEnter()], [true, true, false])
  gate.leave()
  t.same([gate.tryEnter(), gate.tryEnter()], [true, false])
  gate.leave()
  gate.leave()
  t.ok(gate.isIdle)
  t.end()
})

test('enter() waits in order', async (t) => {
  const gate = new Gate(1)
  const inside: string[] = []
  t.ok(await gate.enter(never))
  const entered = ['first', 'second'].map(async (name) => {
    await gate.enter(never)
    inside.push(name)
  })
  t.same(inside, [])
  gate.leave()
  await entered[0]
  t.same(inside, ['first'])
  t.notOk(gate.tryEnter(), 'who waits goes before who comes')
  gate.leave()
  await entered[1]
  t.same(inside, ['first', 'second'])
  gate.leave()
  t.ok(gate.isIdle)
})

test('enter() gives up when it is told to, and takes no place', async (t) => {
  const gate = new Gate(1)
  const leaving = new AbortController()
  gate.tryEnter()
  const waiting = gate.enter(leaving.signal)
  leaving.abort()
  t.equal(await waiting, false)
  gate.leave()
  t.ok(gate.isIdle)
  t.equal(await gate.enter(leaving.signal), false)
  t.ok(gate.isIdle)
})
