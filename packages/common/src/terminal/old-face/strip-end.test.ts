import { test } from 'tap'
import { stripEnd } from './strip-end.js'
import { askPython } from './test-python.js'

/** Made by Python 3.11: `[c for c in range(0x110000) if chr(c).isspace()]`. */
const blanks = [
  9, 10, 11, 12, 13, 28, 29, 30, 31, 32, 0x85, 0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005,
  0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000,
]

function stripped(text: string): string {
  return stripEnd(Buffer.from(text)).toString()
}

test('stripEnd() takes away what Python calls a space, and nothing else', (t) => {
  const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff
  const taken = Array.from({ length: 0x110000 }, (_, code) => code).filter(
    (code) => !isSurrogate(code) && stripped(`a${String.fromCodePoint(code)}`) === 'a',
  )
  t.same(taken, blanks)
  const script = 'import json; print(json.dumps([c for c in range(0x110000) if chr(c).isspace()]))'
  t.same(askPython(script, null) ?? blanks, blanks)
  t.end()
})

test('stripEnd() takes all blanks at the end, and none before', (t) => {
  for (const [text, wanted] of [
    ['', ''],
    ['\n', ''],
    [' \t\r\n\u3000\u00a0 ', ''],
    ['  a b \n\n', '  a b'],
    ['a\n\nb\r\n', 'a\n\nb'],
    ['é\u2028', 'é'],
    ['\u{1f600} ', '\u{1f600}'],
  ] as const) {
    t.equal(stripped(text), wanted)
  }
  t.end()
})

test('stripEnd() leaves bytes that are no text as they are', (t) => {
  for (const bytes of [[0xff, 0xfe], [0x85], [0xa0], [0x61, 0x80, 0x80, 0x80], [0xe3, 0x80]]) {
    t.same(stripEnd(Buffer.from([...bytes, 0x20, 0x0a])), Buffer.from(bytes))
  }
  t.end()
})
