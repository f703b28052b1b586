import { test } from 'tap'
import fc from 'fast-check'
import { testSeed } from '../test-seed.js'
import { ReceiveCredit, SendCredit } from './credit.js'

test('SendCredit is spent and granted back up to the window', (t) => {
  const credit = new SendCredit(100)
  t.equal(credit.leftBytes, 100)
  credit.spend(100)
  t.equal(credit.leftBytes, 0)
  credit.grant(60)
  credit.grant(40)
  t.equal(credit.leftBytes, 100)
  t.end()
})

test('SendCredit refuses one byte more than was ever spent', (t) => {
  const credit = new SendCredit(100)
  credit.spend(10)
  t.throws(() => credit.grant(11), {
    name: 'PeerError',
    code: 'too-much-credit',
    message: 'Cannot take 11 bytes of credit: 90 of 100 are left',
  })
  t.equal(credit.leftBytes, 90, 'and is as it was')
  credit.grant(0)
  credit.grant(10)
  t.end()
})

test('ReceiveCredit takes the whole window and not one byte more', (t) => {
  const credit = new ReceiveCredit(100)
  credit.receive(99)
  credit.receive(1)
  credit.receive(0)
  t.throws(() => credit.receive(1), {
    name: 'PeerError',
    code: 'window-exceeded',
    message: 'Cannot take 1 bytes: only 0 were granted',
  })
  t.end()
})

test('ReceiveCredit grants once half the window is consumed', (t) => {
  const credit = new ReceiveCredit(100)
  credit.receive(100)
  t.equal(credit.consume(49), 0)
  t.equal(credit.consume(1), 50)
  t.equal(credit.consume(49), 0)
  t.equal(credit.consume(1), 50)
  t.end()
})

test('ReceiveCredit does not give room before it has told the sender', (t) => {
  const credit = new ReceiveCredit(100)
  credit.receive(100)
  credit.consume(49)
  t.throws(() => credit.receive(1), { code: 'window-exceeded' })
  t.end()
})

test('both accounts of a lane agree, whatever is sent and consumed', (t) => {
  const seed = testSeed(t)
  const steps = fc.array(fc.record({ sendBytes: fc.nat({ max: 150 }), consumeBytes: fc.nat({ max: 150 }) }))
  const property = fc.property(steps, (walk) => {
    const sender = new SendCredit(100)
    const receiver = new ReceiveCredit(100)
    let heldBytes = 0
    for (const { sendBytes, consumeBytes } of walk) {
      const sentBytes = Math.min(sendBytes, sender.leftBytes)
      sender.spend(sentBytes)
      receiver.receive(sentBytes)
      heldBytes += sentBytes
      const consumedBytes = Math.min(consumeBytes, heldBytes)
      heldBytes -= consumedBytes
      sender.grant(receiver.consume(consumedBytes))
    }
    sender.grant(receiver.consume(heldBytes))
    return sender.leftBytes > 50 && sender.leftBytes <= 100
  })
  fc.assert(property, { seed })
  t.end()
})
