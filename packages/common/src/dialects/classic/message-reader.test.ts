import { test } from 'tap'
import { classicMessageBytesMax } from '../dialect-limits.js'
import { cut } from '../../wire/decoded.js'
import { encodeMessage } from './message.js'
import { MessageReader } from './message-reader.js'

const list = Buffer.from('49\n{"args": [], "method": "list_commands", "kw": {}}')
const execute = Buffer.from('70\n{"args": ["hello", "w"], "method": "execute", "kw": {"capture": true}}')

function read(...chunks: readonly Buffer[]): readonly object[] {
  const messages: object[] = []
  const reader = new MessageReader((message) => void messages.push(message))
  for (const chunk of chunks) reader.push(chunk)
  return messages
}

const listed = { args: [], method: 'list_commands', kw: {} }
const executed = { args: ['hello', 'w'], method: 'execute', kw: { capture: true } }

test('MessageReader reads messages whole, in pieces and byte by byte', (t) => {
  const both = Buffer.concat([list, execute, list])
  for (const chunkBytes of [both.length, 50, 7, 1]) {
    t.same(read(...cut(both, chunkBytes)), [listed, executed, listed], `${chunkBytes} at a time`)
  }
  t.end()
})

test('MessageReader takes any JSON and any UTF-8, and blanks around the count', (t) => {
  const pretty = '{\n  "result": "Grüße\\n70\\n{",\n  "list": [\n    1,\n    70\n  ]\n}'
  const bytes = Buffer.from(` \t${Buffer.byteLength(pretty)} \r\n${pretty}`)
  for (const chunkBytes of [bytes.length, 5, 1]) {
    t.same(read(...cut(bytes, chunkBytes)), [{ result: 'Grüße\n70\n{', list: [1, 70] }])
  }
  t.end()
})

test('MessageReader finds the next message behind one that was cut off anywhere', (t) => {
  for (let length = 0; length < execute.length; length += 1) {
    const bytes = Buffer.concat([execute.subarray(0, length), list])
    // A fragment that ends in a digit makes one number of two counts; that message is lost, the next is not.
    const wanted = length === 1 || length === 2 ? [listed] : [listed, listed]
    t.same(read(Buffer.concat([bytes, list])).slice(-wanted.length), wanted, `cut after ${length} bytes`)
    t.same(read(...cut(Buffer.concat([bytes, list]), 1)).slice(-wanted.length), wanted, `and byte by byte`)
  }
  t.end()
})

test('MessageReader passes over garbage', (t) => {
  const garbages = [
    'noise',
    '\n\n\n',
    '5\n',
    '70\n',
    '{"a": 1}',
    '12\n[1,2,3,4,5]',
    '99999999999\n{',
    '3\n{x}',
    '\n12\n',
  ]
  for (const garbage of garbages) {
    t.same(
      read(Buffer.from(garbage), execute, Buffer.from(garbage), list),
      [executed, listed],
      JSON.stringify(garbage),
    )
  }
  t.end()
})

test('MessageReader waits for no message that is longer than the limit', (t) => {
  t.same(read(Buffer.from(`${classicMessageBytesMax + 1}\n{"a": "`), list), [listed])
  t.end()
})

test('MessageReader goes by the limit of the moment: a peer that was asked nothing has little to say', (t) => {
  let limit = 60
  const messages: object[] = []
  const reader = new MessageReader(
    (message) => void messages.push(message),
    () => limit,
  )
  reader.push(Buffer.concat([execute, list]))
  t.same(messages, [listed])
  limit = 100
  reader.push(execute)
  t.same(messages, [listed, executed])
  t.end()
})

test('MessageReader takes 16 MiB in pieces without taking ages', (t) => {
  const result = 'é'.repeat(8 * 1024 * 1024)
  const bytes = encodeMessage({ success: true, result })
  const messages = read(...cut(bytes, 4096))
  t.equal(messages.length, 1)
  t.ok((messages[0] as { result: string }).result === result)
  t.end()
})

test('MessageReader gets through a flood of beginnings', (t) => {
  const flood = Buffer.from('9\n{'.repeat(300_000))
  t.same(read(...cut(flood, 65_536), execute, list), [executed, listed])
  t.end()
})

test('encodeMessage() writes what Python writes', (t) => {
  const text = (value: Parameters<typeof encodeMessage>[0]): string => encodeMessage(value).toString()
  t.equal(text({ result: 'hello w', success: true }), '38\n{"result": "hello w", "success": true}')
  t.equal(text({ result: ['a', 'b'], success: true }), '39\n{"result": ["a", "b"], "success": true}')
  t.equal(text({ result: null, success: true }), '33\n{"result": null, "success": true}')
  t.equal(
    text({ result: 'é"\\\n\t\u007f世\u{1f600}', success: true }),
    '69\n{"result": "\\u00e9\\"\\\\\\n\\t\\u007f\\u4e16\\ud83d\\ude00", "success": true}',
  )
  t.end()
})
