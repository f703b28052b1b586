import { PassThrough } from 'node:stream'
import { test } from 'tap'
import { MachineLog } from './machine-log.js'

test('waitFor() finds what is there, and what comes in pieces', async (t) => {
  const output = new PassThrough()
  const log = new MachineLog(output)
  const { signal } = new AbortController()
  const found = log.waitFor(/ready \d+;/, { signal })
  output.write('ready 1')
  output.write('2; more\n')
  t.equal(await found, 'ready 12;')
  t.equal(await log.waitFor(/more/, { signal }), 'more')
})

test('waitFor() does not look before the position it is given', async (t) => {
  const output = new PassThrough()
  const log = new MachineLog(output)
  const { signal } = new AbortController()
  output.write('panic 1\n')
  await log.waitFor(/panic 1\n/, { signal })
  const found = log.waitFor(/panic \d/, { from: log.end, signal })
  output.write('panic 2\n')
  t.equal(await found, 'panic 2')
})

test('waitFor() gives up with the end of the log', async (t) => {
  const output = new PassThrough()
  const log = new MachineLog(output)
  output.write('last words\n')
  await log.waitFor(/words/, { signal: new AbortController().signal })
  await t.rejects(log.waitFor(/never/, { signal: AbortSignal.abort() }), /Cannot find \/never\/.*last words/s)
})

test('tail() gives the last lines', async (t) => {
  const output = new PassThrough()
  const log = new MachineLog(output)
  output.write('one\ntwo\nthree\n')
  await log.waitFor(/three/, { signal: new AbortController().signal })
  t.equal(log.tail(2), 'two\nthree')
})
