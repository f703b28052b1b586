import { test } from 'tap'
import { openingBytesMax } from '../limits.js'
import { objectFromPayload } from './fields.js'
import { commonVersion, encodeHello, epochName, helloFrom, protocolVersions, sessionNameOf } from './hello.js'
import type { Hello } from './hello.js'

const hello: Hello = {
  versions: { min: 1, max: 1 },
  side: 'guest',
  epoch: '0123456789abcdef',
  bootId: '6f1c3b1e-8a3e-4c38-9c3a-0a4f4b6f6c1d',
  instance: '89ab',
  features: ['one', 'two'],
  agent: '0.1.0',
  name: 'büro-☕',
}

test('helloFrom() gives back what encodeHello() wrote', (t) => {
  t.same(helloFrom(objectFromPayload(encodeHello(hello), 'hello')), hello)
  t.end()
})

test('helloFrom() reads a hello from the future', (t) => {
  const future = {
    ...hello,
    versions: { min: 1, max: 7, best: 6 },
    colour: 'green',
    features: ['one', 'two'],
  }
  t.same(helloFrom(future), { ...hello, versions: { min: 1, max: 7 } })
  t.end()
})

test('helloFrom() cuts what would be long to show', (t) => {
  const long = 'x'.repeat(openingBytesMax)
  const read = helloFrom({ ...hello, bootId: long, instance: long, agent: long, name: long })
  t.same(
    [read.bootId, read.instance, read.agent, read.name].map((text) => text.length),
    [64, 64, 64, 255],
  )
  t.end()
})

test('helloFrom() names the field that it cannot read', (t) => {
  const cases: readonly (readonly [unknown, string])[] = [
    [null, 'Cannot read a message: "hello" is not an object'],
    [[], 'Cannot read a message: "hello" is not an object'],
    [{ ...hello, versions: 1 }, 'Cannot read a message: "versions" is not an object'],
    [{ ...hello, versions: { max: 1 } }, 'Cannot read a message: "min" is not a whole number from 0 on'],
    [
      { ...hello, versions: { min: 1, max: 1.5 } },
      'Cannot read a message: "max" is not a whole number from 0 on',
    ],
    [{ ...hello, side: 3 }, 'Cannot read a message: "side" is not a string'],
    [{ ...hello, side: 'up' }, 'Cannot read a hello: its side is neither host, guest nor program'],
    [{ ...hello, epoch: '0123' }, 'Cannot read a hello: its epoch is not 16 hex digits'],
    [{ ...hello, epoch: '0123456789ABCDEF' }, 'Cannot read a hello: its epoch is not 16 hex digits'],
    [{ ...hello, bootId: undefined }, 'Cannot read a message: "bootId" is not a string'],
    [{ ...hello, instance: null }, 'Cannot read a message: "instance" is not a string'],
    [{ ...hello, features: [1] }, 'Cannot read a message: "features" is not an array of strings'],
    [{ ...hello, agent: {} }, 'Cannot read a message: "agent" is not a string'],
    [{ ...hello, name: false }, 'Cannot read a message: "name" is not a string'],
  ]
  for (const [value, message] of cases) t.throws(() => helloFrom(value), { name: 'PeerError', message })
  t.end()
})

test('helloFrom() keeps little of what is too much', (t) => {
  const long = 'x'.repeat(20_000)
  const read = helloFrom({
    ...hello,
    bootId: long,
    instance: long,
    agent: long,
    name: long,
    features: Array.from({ length: 1_000 }, () => long),
  })
  t.equal(read.features.length, 32)
  t.ok(JSON.stringify(read).length < 3_000)
  t.end()
})

test('commonVersion() is the lower maximum, if both ranges hold it', (t) => {
  const table: readonly (readonly [string, string, number | undefined])[] = [
    ['1-1', '1-1', 1],
    ['1-3', '2-5', 3],
    ['1-9', '2-4', 4],
    ['3-3', '1-3', 3],
    ['1-1', '2-2', undefined],
    ['1-2', '3-9', undefined],
    ['5-1', '1-9', undefined],
  ]
  const range = (text: string): { min: number; max: number } => ({
    min: Number(text[0]),
    max: Number(text[2]),
  })
  for (const [one, other, version] of table) {
    t.equal(commonVersion(range(one), range(other)), version, `${one} and ${other}`)
    t.equal(commonVersion(range(other), range(one)), version, `${other} and ${one}`)
  }
  t.equal(commonVersion(protocolVersions, protocolVersions), 1)
  t.end()
})

test('epochName() is the epoch in two halves', (t) => {
  t.same(epochName('0123456789abcdef'), { high: 0x01234567, low: 0x89abcdef })
  t.same(epochName('ffffffff00000000'), { high: 0xffffffff, low: 0 })
  t.end()
})

test('sessionNameOf() is both epochs, exclusive-ored', (t) => {
  t.same(sessionNameOf('0123456789abcdef', 'ffffffff00000001'), { high: 0xfedcba98, low: 0x89abcdee })
  t.same(sessionNameOf('8000000080000000', '0000000000000000'), { high: 0x80000000, low: 0x80000000 })
  t.same(sessionNameOf('0123456789abcdef', '0123456789abcdef'), { high: 0, low: 0 })
  t.end()
})
