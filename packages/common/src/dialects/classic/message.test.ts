import { test } from 'tap'
import { classicBlockBytes } from '../../limits.js'
import { encodeMessage, encodeRequest } from './message.js'

const list = { method: 'list_commands', args: ['Grüße'], kw: { capture: true, input: null } }

test('encodeMessage() writes bytes as Python does', (t) => {
  const json = String.raw`{"method": "list_commands", "args": ["Gr\u00fc\u00dfe"], "kw": {"capture": true, "input": null}}`
  t.equal(encodeMessage(list).toString(), `${json.length}\n${json}`)
  t.end()
})

test('encodeRequest() fills whole blocks, and counts what it writes', (t) => {
  for (const aroundBytes of [0, 1, 2, 3, 10, 25, 244]) {
    for (let offset = -20; offset <= 20; offset += 1) {
      const length = Math.max(0, aroundBytes * classicBlockBytes + offset)
      const bytes = encodeRequest('x'.repeat(length))
      const [, count = '', json = ''] = /^(\d+)\n(.*)$/s.exec(bytes.toString()) ?? []
      t.equal(bytes.length % classicBlockBytes, 0, `${length} characters`)
      t.ok(bytes.length < length + 16 + classicBlockBytes)
      t.equal(Number(count), json.length)
      t.equal((JSON.parse(json) as string).length, length)
    }
  }
  t.same(
    JSON.parse(
      encodeRequest(list)
        .toString()
        .replace(/^\d+\n/, ''),
    ),
    list,
  )
  t.end()
})
