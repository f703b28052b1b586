import { closeSync, existsSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { testFolder } from '@negotiator/common/testing'
import { test } from 'tap'
import { makeJournal, readJournal, trimJournal } from './event-journal.js'
import { liveStatus } from './run-state.js'

/** As QEMU 7.2 writes it. */
const shutdown = (reason: string): string =>
  `{"timestamp": {"seconds": 1795301948, "microseconds": 903825}, "event": "SHUTDOWN", "data": {"guest": true, "reason": "${reason}"}}\r\n`

test('readJournal() tells the last end, whatever was said before and after it', async (t) => {
  const path = join(testFolder(t), 'events')
  t.equal(await readJournal(path), 'silent')
  await makeJournal(path)
  t.ok(existsSync(`${path}.in`))
  t.equal(await readJournal(path), 'silent')
  writeFileSync(`${path}.out`, '{"QMP": {}}\r\n{"return": {}}\r\n')
  t.equal(await readJournal(path), 'none')
  const noise = '{"event": "RTC_CHANGE"}\r\n'.repeat(10_000)
  for (const [reason, end] of [
    ['guest-shutdown', 'poweroff'],
    ['guest-reset', 'reboot'],
    ['guest-panic', 'crash'],
    ['host-qmp-quit', 'told'],
    ['another', 'none'],
  ] as const) {
    writeFileSync(`${path}.out`, `${noise}${shutdown('host-error')}${shutdown(reason)}{"event": "STOP"}\r\n`)
    t.equal(await readJournal(path), end)
  }
})

test('readJournal() tells a panic, and nothing of an end after which the machine was let go on', async (t) => {
  const path = join(testFolder(t), 'events')
  const event = (name: string): string =>
    `{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "${name}"}\r\n`
  const panic = event('GUEST_PANICKED').replace('}\r', ', "data": {"action": "pause"}}\r')
  writeFileSync(`${path}.out`, `${panic}${event('STOP')}`)
  t.equal(await readJournal(path), 'crash')
  writeFileSync(`${path}.out`, `${shutdown('guest-reset')}${event('STOP')}${event('RESUME')}`)
  t.equal(await readJournal(path), 'none')
})

test('trimJournal() gives back what a guest has filled, and what is told later is still read', async (t) => {
  const path = join(testFolder(t), 'events')
  await makeJournal(path)
  const reset = '{"event": "RESET", "data": {"guest": true, "reason": "guest-reset"}}\r\n'
  const qemu = openSync(`${path}.out`, 'w')
  t.teardown(() => closeSync(qemu))
  writeSync(qemu, reset)
  await trimJournal(path)
  t.equal(statSync(`${path}.out`).size, reset.length, 'there is little in it')
  writeSync(qemu, reset.repeat(10_000))
  await trimJournal(path)
  t.ok(statSync(`${path}.out`).blocks * 512 < 10_000)
  t.equal(await readJournal(path), 'none', 'the machine is there')
  writeSync(qemu, shutdown('guest-reset'))
  t.equal(await readJournal(path), 'reboot')
  t.ok(statSync(`${path}.out`).blocks * 512 < 20_000)
})

test('liveStatus() takes how a machine ended from its journal, and a panic from its state', (t) => {
  const ended = (status: string, journal: 'reboot' | 'none' | 'told'): unknown =>
    liveStatus({ status }, journal)
  t.same(ended('shutdown', 'reboot'), { state: 'ended', end: 'reboot' })
  t.same(ended('shutdown', 'none'), { state: 'ended', end: 'poweroff' })
  t.same(ended('guest-panicked', 'none'), { state: 'ended', end: 'crash' })
  t.same(ended('internal-error', 'none'), { state: 'ended', end: 'crash' })
  t.same(ended('running', 'reboot'), { state: 'running' }, 'it has gone on since')
  t.same(ended('prelaunch', 'none'), { state: 'paused' })
  t.same(liveStatus(undefined, 'none'), { state: 'paused' })
  t.end()
})
