import { mkdirSync, writeFileSync } from 'node:fs'
import { test } from 'tap'
import { callCommand, testMachine } from '../test-machine.js'
import { debian12 } from '../test-systems.js'
import { command as activeUser } from './active-user.js'
import { parseSessions } from './parse-sessions.js'
import { command as users } from './users.js'
import { parseUtmp } from './utmp.js'

interface Entry {
  readonly type?: number
  readonly line: string
  readonly user: string
  readonly host?: string
  readonly seconds?: number
}

/** A record as 64-bit PCs write it. */
function utmpRecord({ type = 7, line, user, host = '', seconds = 0 }: Entry): Buffer {
  const record = Buffer.alloc(384)
  record.writeInt16LE(type, 0)
  record.write(line, 8)
  record.write(user, 44)
  record.write(host, 76)
  record.writeInt32LE(seconds, 340)
  return record
}

const utmp = Buffer.concat([
  utmpRecord({ type: 2, line: '~', user: 'reboot', seconds: 1 }),
  utmpRecord({ line: 'pts/0', user: 'bob', host: '192.0.2.9', seconds: 1_700_000_000 }),
  utmpRecord({ type: 8, line: 'pts/1', user: 'gone' }),
  utmpRecord({ line: 'tty1', user: 'alice' }),
])

/** A machine without a session manager. */
function machineWith(t: Parameters<typeof testMachine>[0], file: Buffer): ReturnType<typeof testMachine> {
  const machine = testMachine(t)
  mkdirSync(`${machine.root}/run`)
  writeFileSync(`${machine.root}/run/utmp`, file)
  return machine
}

test('users tells who is logged in, where and since when', async (t) => {
  const { stdout } = await callCommand(users, { machine: testMachine(t, debian12), args: ['--json'] })
  t.same(JSON.parse(stdout), {
    users: [
      { name: 'alice', terminal: 'tty2', remoteHost: null, loginTime: '2026-11-21T18:30:00.000Z' },
      { name: 'bob', terminal: 'pts/0', remoteHost: '192.0.2.9', loginTime: '2026-11-21T19:00:01.000Z' },
    ],
  })
  const forPeople = await callCommand(users, { machine: testMachine(t, debian12) })
  t.match(forPeople.stdout, 'bob on pts/0 from 192.0.2.9 since 2026-11-21T19:00:01.000Z\n')
})

test('users reads utmp where there is no session manager', async (t) => {
  const { stdout } = await callCommand(users, { machine: machineWith(t, utmp), args: ['--json'] })
  t.same(JSON.parse(stdout), {
    users: [
      { name: 'bob', terminal: 'pts/0', remoteHost: '192.0.2.9', loginTime: '2023-11-14T22:13:20.000Z' },
      { name: 'alice', terminal: 'tty1', remoteHost: null, loginTime: null },
    ],
  })
})

test('active-user is whose session the screen shows', async (t) => {
  const told = async (machine: ReturnType<typeof testMachine>): Promise<unknown> =>
    JSON.parse((await callCommand(activeUser, { machine, args: ['--json'] })).stdout)
  t.same(await told(testMachine(t, debian12)), { name: 'alice', terminal: 'tty2', isLocked: true })
  t.same(await told(machineWith(t, utmp)), { name: 'alice', terminal: 'tty1', isLocked: null })
  const nobody = { name: null, terminal: null, isLocked: null }
  t.same(await told(machineWith(t, Buffer.alloc(0))), nobody)
  const tools = { 'loginctl list-sessions --no-legend --no-pager': '' }
  const machine = testMachine(t, { tools })
  t.same(await told(machine), nobody)
  t.equal((await callCommand(activeUser, { machine })).stdout, 'nobody\n')
})

test('parseSessions() leaves out greeters, background jobs and what is closing', (t) => {
  const names = (text: string): readonly string[] => parseSessions(text).map(({ name }) => name)
  t.same(names('Name=gdm\nClass=greeter\nSeat=seat0'), [])
  t.same(names('Name=root\nClass=user\nService=cron\nRemote=no\nTTY='), [])
  t.same(names('Name=bob\nClass=user\nTTY=pts/0\nState=closing'), [])
  t.same(names('Name=bob\nRemote=yes'), ['bob'])
  for (const text of ['', 'no equals\n\n\n', 'Name=\nTTY=tty1', '=x\n=y']) t.same(names(text), [])
  t.end()
})

test('parseUtmp() takes strange files for what they are', (t) => {
  t.same(parseUtmp(Buffer.alloc(0)), [])
  t.same(parseUtmp(Buffer.from('no such file')), [])
  t.same(parseUtmp(Buffer.alloc(384 * 3, 0xff)), [])
  const full = utmpRecord({ line: 'x'.repeat(32), user: 'u'.repeat(32), host: 'h'.repeat(256) })
  t.match(parseUtmp(full), [{ name: 'u'.repeat(32), terminal: 'x'.repeat(32), remoteHost: 'h'.repeat(256) }])
  const long = Buffer.alloc(400)
  long.writeInt16LE(7, 0)
  long.write('arm', 44)
  long.writeBigInt64LE(1_700_000_000n, 344)
  t.match(parseUtmp(long), [{ name: 'arm', terminal: null, loginTime: '2023-11-14T22:13:20.000Z' }])
  t.end()
})
