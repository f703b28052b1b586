import { test } from 'tap'
import { didYouMean, nearest } from './nearest.js'

const commands = ['find-disk-usage', 'find-ip-addresses', 'hello', 'uptime-seconds']

test('nearest() finds the name behind a slip of the finger', (t) => {
  t.equal(nearest('find-disk-usgae', commands), 'find-disk-usage')
  t.equal(nearest('hallo', commands), 'hello')
  t.equal(nearest('HELLO', commands), 'hello')
  t.equal(nearest('uptime', ['uptimes', 'uptime']), 'uptime')
  t.end()
})

test('nearest() finds nothing when a third of the letters would have to change', (t) => {
  t.equal(nearest('reboot', commands), undefined)
  t.equal(nearest('abcdef', ['abcdxy']), 'abcdxy', 'two of six')
  t.equal(nearest('abcdef', ['abcxyz']), undefined, 'three of six')
  t.equal(nearest('hello', []), undefined)
  t.end()
})

test('nearest() forgives one letter in a short name', (t) => {
  t.equal(nearest('ls', ['ps']), 'ps')
  t.equal(nearest('ls', ['df']), undefined)
  t.end()
})

test('didYouMean() is the end of a sentence, or nothing', (t) => {
  t.equal(`there is no "helo"${didYouMean('helo', commands)}`, 'there is no "helo"; did you mean "hello"?')
  t.equal(didYouMean('reboot', commands), '')
  t.end()
})
