import { test } from 'tap'
import { ConsoleDecoder, requestLine } from './console-wire.js'
import type { ConsoleEvent } from './console-wire.js'

const conversation = Buffer.from('\0negotiator-console boot-1\nnoise\none 3 6 4\nx 0 0\n\xfferr', 'latin1')
const events: readonly ConsoleEvent[] = [
  { kind: 'greeting', bootId: 'boot-1' },
  {
    kind: 'answer',
    id: 'one',
    status: 3,
    stdout: Buffer.from('x 0 0\n'),
    stderr: Buffer.from('\xfferr', 'latin1'),
  },
]

test('requestLine() hides newlines and spaces of command and input', (t) => {
  t.equal(requestLine({ id: 'one', command: 'cat\n', input: '' }), 'one Y2F0Cg== \n')
  t.end()
})

test('ConsoleDecoder finds greeting and answer in one piece', (t) => {
  t.strictSame([...new ConsoleDecoder().push(conversation)], events)
  t.end()
})

test('ConsoleDecoder finds the same events byte by byte', (t) => {
  const decoder = new ConsoleDecoder()
  const found = [...conversation].flatMap((byte) => [...decoder.push(Buffer.from([byte]))])
  t.strictSame(found, events)
  t.end()
})

test('ConsoleDecoder.reset() lets a greeting through that follows half an answer', (t) => {
  const decoder = new ConsoleDecoder()
  t.strictSame([...decoder.push(Buffer.from('one 0 1000 0\nhalf of '))], [])
  decoder.reset()
  t.strictSame(
    [...decoder.push(Buffer.from('negotiator-console boot-2\n'))],
    [{ kind: 'greeting', bootId: 'boot-2' }],
  )
  t.end()
})
