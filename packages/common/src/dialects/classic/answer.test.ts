import { test } from 'tap'
import { resultOfFailure } from './answer.js'

const failed = (status: string): string => `External command failed with exit code ${status}!\n\nCommand:\nx`

test('resultOfFailure() reads exit statuses and signals', (t) => {
  t.same(resultOfFailure(failed('3')), { kind: 'exited', code: 3 })
  t.same(resultOfFailure(failed('255')), { kind: 'exited', code: 255 })
  t.same(resultOfFailure(failed('-9')), { kind: 'signalled', signal: 'SIGKILL' })
  t.end()
})

test('resultOfFailure() gives no exit status that there is not', (t) => {
  for (const status of ['256', '-300', '99999999999999999999', '9'.repeat(400)]) {
    t.same(
      resultOfFailure(failed(status)),
      { kind: 'lost', reason: 'the other side tells an exit status that there is not' },
      status,
    )
  }
  t.end()
})
