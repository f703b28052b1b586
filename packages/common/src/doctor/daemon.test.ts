import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { version } from '../version.js'
import { daemonCheck, isDaemon, isPythonNegotiator } from './daemon.js'
import type { DaemonAnswer } from './daemon-answer.js'
import { TestProcesses } from './test-processes.js'
import { testScene, testStatus } from './test-scene.js'

async function lookAt(t: Test, daemon: DaemonAnswer, processes = new TestProcesses(t)) {
  return await daemonCheck.look(await testScene(t, { daemon, processes: processes.now }))
}

test('a daemon that runs is well', async (t) => {
  t.same(await lookAt(t, { kind: 'answers', status: testStatus({ processId: 7 }) }), [
    { severity: 'ok', found: `the daemon runs and answers (process 7, version ${version})` },
  ])
})

test('a daemon that was not restarted since an upgrade is told', async (t) => {
  t.match(await lookAt(t, { kind: 'answers', status: testStatus({ version: '0.0.1' }) }), [
    {
      severity: 'warning',
      code: 'daemon-version',
      found: `the daemon is version 0.0.1, this program is version ${version}`,
      mend: /^systemctl restart negotiator-host /,
    },
  ])
})

test('a daemon that does not run is told, with the line that starts it', async (t) => {
  t.match(await lookAt(t, { kind: 'missing' }), [
    {
      severity: 'error',
      code: 'daemon-down',
      found: /^the daemon does not run: there is no control socket ".*host\.sock"$/,
      mend: /^systemctl start negotiator-host /,
    },
  ])
  t.match(await lookAt(t, { kind: 'dead' }), [
    { code: 'daemon-down', found: /it ended without removing its control socket/ },
  ])
})

test('a daemon that runs with other paths is named', async (t) => {
  const processes = new TestProcesses(t)
  const other = await processes.start('true', '/usr/bin/negotiator-host', '--root', '/x', 'daemon')
  t.match(await lookAt(t, { kind: 'missing' }, processes), [
    {
      severity: 'error',
      code: 'daemon-elsewhere',
      found: new RegExp(`but sh \\(process ${other.id}\\) runs as [^]*negotiator-host --root /x daemon`),
    },
  ])
  await other.end()
  t.match(await lookAt(t, { kind: 'missing' }, processes), [{ code: 'daemon-down' }])
})

test('a daemon that was stopped by a signal is told apart from one that hangs', async (t) => {
  const processes = new TestProcesses(t)
  const scene = await testScene(t, { daemon: { kind: 'hung' } })
  const path = scene.config['control-socket']
  mkdirSync(dirname(path), { recursive: true })
  const code = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('here'))`
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  const id = child.pid ?? 0
  processes.show(id)
  t.match(await daemonCheck.look({ ...scene, processes: processes.now }), [
    {
      severity: 'error',
      code: 'daemon-hung',
      found: `node (process ${id}) takes connections on "${path}", and does not answer`,
    },
  ])
  child.kill('SIGSTOP')
  while ((await processes.now.find(id))?.isStopped === false) await new Promise(setImmediate)
  t.match(await daemonCheck.look({ ...scene, processes: processes.now }), [
    { severity: 'error', code: 'daemon-stopped', mend: `kill -CONT ${id}` },
  ])
})

test('a control socket that we may not use is told, with the group to join', async (t) => {
  t.match(await lookAt(t, { kind: 'denied' }), [
    {
      severity: 'error',
      code: 'control-socket-denied',
      found: /^user \d+ may not connect to the control socket "/,
      mend: /usermod -aG negotiator USER/,
    },
  ])
})

test('a daemon of another age is told in its own words', async (t) => {
  t.match(await lookAt(t, { kind: 'refused', reason: 'Cannot talk to the daemon: it is version 9' }), [
    { severity: 'error', code: 'daemon-strange', found: 'Cannot talk to the daemon: it is version 9' },
  ])
})

test('isDaemon() knows our daemons however they are started, and python-negotiator for what it is', (t) => {
  const side = 'guest'
  const ours = [
    ['node', '/usr/local/bin/negotiator-guest', '--root', '/x', 'daemon'],
    ['/usr/local/bin/negotiator-guest-0.1.0-linux-x64', '-d'],
    ['negotiator-guest', '--daemon', '-v'],
    ['node', '/opt/negotiator/bundle/main.js', 'daemon'],
  ]
  for (const argv of ours) t.ok(isDaemon(argv, { side }), argv.join(' '))
  const python = ['/usr/bin/python3.11', '/usr/bin/negotiator-guest', '--daemon']
  const others = [python, ['node', 'negotiator-guest', 'doctor'], ['node', 'negotiator-host', 'daemon'], []]
  for (const argv of others) t.notOk(isDaemon(argv, { side }), argv.join(' '))
  t.ok(isPythonNegotiator(python))
  t.notOk(isPythonNegotiator(['python3', 'backup.py']))
  t.end()
})
