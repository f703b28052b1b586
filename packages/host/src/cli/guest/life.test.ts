import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig, silentLog, systemClock } from '@negotiator/common'
import { testShippedPolicy } from '@negotiator/common/testing'
import { test } from 'tap'
import type { Test } from 'tap'
import { startHostDaemon } from '../../daemon.js'
import { testUuid } from '../../managed/test-definition.js'
import { GuestProgram, web1Toml } from './test-guest-program.js'

/** A machine with a daemon and one guest, whose machine is pretended. */
async function machine(t: Test): Promise<GuestProgram> {
  const program = new GuestProgram(t)
  const { root } = program
  const commands = join(root, 'commands')
  mkdirSync(commands, { mode: 0o755 })
  const config = { ...(await loadConfig({ side: 'host', root })), drivers: ['fake'] }
  const shipped = { commandFolders: [commands], policyFile: testShippedPolicy(t, 'host') }
  const daemon = await startHostDaemon({ config, root, shipped, clock: systemClock, log: silentLog })
  t.teardown(async () => await daemon.close())
  await program.define(`${web1Toml}\n[stop]\nacpi = "500ms"\n`)
  return program
}

test('guest start, suspend, resume and stop tell how the guest is', async (t) => {
  const program = await machine(t)
  t.same(await program.run('start', 'web1'), { code: 0, stdout: 'web1 is running\n', stderr: '' })
  t.same(await program.run('start', testUuid), {
    code: 0,
    stdout: 'web1 is running: it was running already\n',
    stderr: '',
  })
  t.same(await program.run('suspend', 'web1'), { code: 0, stdout: 'web1 is suspended\n', stderr: '' })
  t.same(await program.run('resume', 'web1'), { code: 0, stdout: 'web1 is running\n', stderr: '' })
  const { code, stdout } = await program.run('stop', 'web1')
  t.equal(code, 0)
  // How long each took is its own affair.
  t.same(
    stdout.split('\n').map((line) =>
      line
        .replace(/\s+/g, ' ')
        .replace(/ [\d.]+ m?s/, '')
        .trim(),
    ),
    [
      'web1 is off',
      'agent failed its agent cannot be called: it is not there',
      'acpi not-in-time',
      'kill ended',
      '',
    ],
  )
})

test('guest stop takes one way only when told, and what failed goes to standard error', async (t) => {
  const program = await machine(t)
  await program.run('start', 'web1')
  const failed = await program.run('stop', 'web1', '--mode', 'agent')
  t.match(failed, {
    code: 1,
    stderr:
      'negotiator-host: Cannot stop "web1": it still runs (agent: its agent cannot be called: it is not there)\n',
  })
  t.match(await program.run('stop', 'web1', '--mode', 'kill', '--json'), {
    code: 0,
    stdout: /"outcome": "off"/,
  })
  t.same(await program.run('resume', 'web1'), {
    code: 1,
    stdout: '',
    stderr: 'negotiator-host: Cannot resume the machine "web1": it is off\n',
  })
})

test('guest stop refuses a mode and a time that there are not', async (t) => {
  const program = await machine(t)
  t.same(await program.run('stop', 'web1', '--mode', 'politely'), {
    code: 125,
    stdout: '',
    stderr: 'negotiator-host: Cannot stop a guest by "politely": the modes are agent, acpi, kill\n',
  })
  t.same(await program.run('stop', 'web1', '--timeout', 'soon'), {
    code: 125,
    stdout: '',
    stderr:
      'negotiator-host: Cannot use "soon" as a time: wanted a number of seconds above 0, e.g. 30 or 0.5\n',
  })
  t.match(await program.run('start', 'web2'), {
    code: 125,
    stderr: /^negotiator-host: Cannot find the managed guest "web2": .+ did you mean "web1"\?\n$/,
  })
})

test('guest host-shutdown tells of each guest', async (t) => {
  const program = await machine(t)
  await program.run('start', 'web1')
  t.match(await program.run('host-shutdown', '--timeout', '11'), { code: 0, stdout: /^web1 is off\n/ })
  t.match(await program.run('host-shutdown', '--timeout', '11'), { code: 0, stdout: 'web1 is off\n' })
})

test('guest start without a daemon says that it is not there', async (t) => {
  const program = new GuestProgram(t)
  await program.define()
  t.match(await program.run('start', 'web1'), {
    code: 125,
    stderr: /^negotiator-host: Cannot reach the daemon on ".+": it does not exist; is it running\?\n$/,
  })
})
