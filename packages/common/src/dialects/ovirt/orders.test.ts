import { test } from 'tap'
import { readMessage } from './message.js'
import { orderFrom } from './orders.js'
import type { Order } from './orders.js'

function order(line: string): Order {
  const read = readMessage(Buffer.from(line))
  if (read.kind === 'garbage') throw new Error(read.reason)
  return orderFrom(read)
}

function wordsOf(line: string): readonly string[] | string {
  const read = order(line)
  if (read.kind === 'act') return [read.command, ...read.args]
  return read.kind === 'refuse' ? read.reason : read.kind
}

/** What hosts were seen to send, and what it comes to. */
const vectors: readonly (readonly [string, readonly string[] | string])[] = [
  ['{"__name__": "refresh", "apiVersion": 3}', 'refresh'],
  ['{"__name__": "api-version", "apiVersion": 3}', 'set-version'],
  ['{"__name__": "lock-screen"}', ['session', 'lock']],
  ['{"__name__": "log-off"}', ['session', 'log-off']],
  [
    '{"__name__": "shutdown", "timeout": 30, "message": "text", "reboot": "True"}',
    ['power', 'reboot', '--delay', '30', '--message', 'text'],
  ],
  [
    '{"__name__": "shutdown", "timeout": "90", "message": "", "reboot": "False"}',
    ['power', 'shutdown', '--delay', '90', '--message', 'System is going down'],
  ],
  ['{"__name__": "hibernate", "state": "disk"}', ['power', 'hibernate']],
  ['{"__name__": "hibernate"}', ['power', 'hibernate']],
  ['{"__name__": "hibernate", "state": "mem"}', ['power', 'suspend']],
  ['{"__name__": "set-number-of-cpus", "count": 2}', 'tell-cpus'],
  [
    '{"__name__": "lifecycle-event", "type": "before_migration", "reply_id": "6f1c"}',
    ['ovirt-lifecycle', 'before_migration'],
  ],
  [
    '{"__name__": "lifecycle-event", "type": "after_migration", "failure": true}',
    ['ovirt-lifecycle', 'after_migration', 'failure'],
  ],
  ['{"__name__": "echo", "a": [1, "x"]}', 'echo'],
]

test('orderFrom() makes of each message of a host the call that it comes to', async (t) => {
  for (const [line, wanted] of vectors) t.same(wordsOf(line), wanted, line)
})

test('orderFrom() takes no delay, no message and no reboot where they make no sense', async (t) => {
  const usual = ['power', 'shutdown', '--delay', '0', '--message', 'System is going down']
  for (const timeout of ['-5', '"soon"', 'null', '[7]', '{}'])
    t.same(wordsOf(`{"__name__": "shutdown", "timeout": ${timeout}, "message": 7, "reboot": [true]}`), usual)
  t.same(wordsOf('{"__name__": "shutdown"}'), usual)
  t.equal(wordsOf('{"__name__": "shutdown", "reboot": true}')[1], 'reboot', 'a truth is one, too')
})

test('orderFrom() cuts a long message, and cleans it', async (t) => {
  const words = wordsOf(`{"__name__": "shutdown", "message": "a\\u001b${'x'.repeat(5000)}"}`)
  t.equal(words.at(-1)?.length, 1000)
  t.equal(words.at(-1)?.slice(0, 3), 'a\ufffdx')
})

test('orderFrom() says what is wrong with what it does not take', async (t) => {
  t.equal(
    wordsOf('{"__name__": "make-tea"}'),
    'Cannot do what the host wants: this guest knows no such message',
  )
  t.equal(
    wordsOf('{"__name__": "hibernate", "state": "forever"}'),
    'Cannot hibernate: the state must be "disk" or "mem"',
  )
  for (const count of ['0', '-1', '"2"', 'null'])
    t.equal(
      wordsOf(`{"__name__": "set-number-of-cpus", "count": ${count}}`),
      'Cannot tell the number of CPUs: the wanted count must be above 0',
    )
  t.equal(
    wordsOf('{"__name__": "lifecycle-event", "type": "before_lunch"}'),
    'Cannot run hooks: the type must be one of before_migration, after_migration, before_hibernation, after_hibernation',
  )
})

test('readMessage() says why a line is no message, and shows nothing of it', async (t) => {
  for (const [line, reason] of [
    ['', 'it is not JSON'],
    ['not json', 'it is not JSON'],
    ['{"__name__": "echo"', 'it is not JSON'],
    ['[1]', 'it is no JSON object'],
    ['null', 'it is no JSON object'],
    ['{"name": "echo"}', 'its "__name__" is no text'],
    ['{"__name__": ["echo"]}', 'its "__name__" is no text'],
    [`{"__name__": "echo", "a": ${'['.repeat(40)}${']'.repeat(40)}}`, 'it is nested too deeply'],
    [`${'[{"a":'.repeat(200_000)}`, 'it is not JSON'],
    [`{"__name__": "echo", "a": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'it is nested too deeply'],
  ] as const)
    t.same(readMessage(Buffer.from(line)), { kind: 'garbage', reason }, line.slice(0, 40))
})
