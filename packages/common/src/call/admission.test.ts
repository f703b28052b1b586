import { test } from 'tap'
import { FakeClock } from '../fake-clock.js'
import type { Result } from '../wire/result.js'
import { Admission } from './admission.js'
import type { Leave } from './admission.js'
import { testRule } from './test-judge.js'

const speaker = 'the host' as const

function isIn(answer: Leave | Result): answer is Leave {
  return typeof answer === 'function'
}

test("admit() holds each caller to a rule's rate, and says what to do", async (t) => {
  const clock = new FakeClock()
  const admission = new Admission(clock)
  const rule = testRule({ rate: { count: 2, periodMs: 60_000 } })
  const ask = (callerKey: string): Leave | Result => admission.admit({ callerKey, rule, speaker })
  t.same([ask('web1'), ask('web1')].map(isIn), [true, true])
  t.same(ask('web1'), {
    kind: 'busy',
    reason:
      'the policy of the host: rule 30-test.policy:1 allows 2 calls a minute; call again later, or raise its rate=',
  })
  t.ok(isIn(ask('web2')), 'another caller has a rate of its own')
  await clock.advance(30_000)
  t.same([ask('web1'), ask('web1')].map(isIn), [true, false])
})

test("admit() counts a rule's calls at once, whoever makes them", (t) => {
  const admission = new Admission(new FakeClock())
  const rule = testRule({ concurrentMax: 1 })
  const ask = (callerKey: string): Leave | Result => admission.admit({ callerKey, rule, speaker })
  const first = ask('web1')
  t.same(ask('web2'), {
    kind: 'busy',
    reason:
      'the policy of the host: rule 30-test.policy:1 allows 1 call at once; ' +
      'call again when one has ended, or raise its max-concurrent=',
  })
  if (isIn(first)) first()
  t.ok(isIn(ask('web2')))
  t.end()
})

test('enter() waits for a place of this name, and gives it to the next', async (t) => {
  const admission = new Admission(new FakeClock())
  const places = { countMax: 1, signal: new AbortController().signal }
  const leave = await admission.enter('command /x', places)
  t.equal(admission.tryEnter('command /x', 1), undefined)
  t.not(admission.tryEnter('command /y', 1), undefined, 'another command has places of its own')
  const next = admission.enter('command /x', places)
  leave?.()
  t.equal(typeof (await next), 'function')
  t.equal(await admission.enter('command /x', { countMax: 1, signal: AbortSignal.abort() }), undefined)
})
