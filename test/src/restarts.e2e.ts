/**
 * Daemons that are killed and guests that reboot in the middle of a call: each call gets one ending, nothing runs twice or late,
 * and afterwards all is well again without anybody's help.
 */
import { test } from 'tap'
import type { Call, Client } from '@negotiator/host'
import { setStage } from './machine/story.js'
import type { Vm } from './machine/vm.js'
import { allScripts } from './scripts.js'

test('daemons and guests that restart', { timeout: 900_000 }, async (t) => {
  const {
    host,
    client: firstClient,
    guest,
  } = await setStage(t, {
    guests: ['web1'],
    guestCommands: allScripts,
    hostCommands: allScripts,
    hostConfig: ['heartbeat-interval-seconds = 2', 'heartbeat-dead-seconds = 8'],
  })
  const vm = guest('web1')
  let client = firstClient

  await t.test('the host daemon is killed in the middle of calls both ways', async (t) => {
    const call = await startNote(client, '/tmp/host-killed')
    await vm.console.run(
      `(negotiator-guest run note ${host.root}/back executed 60 > /tmp/said; echo $? > /tmp/status) > /dev/null 2>&1 &
      until grep -qs noted /tmp/said; do sleep 0.1; done`,
    )
    await host.killDaemon()
    t.match(await call.result, { kind: 'lost' })
    t.equal(
      (await vm.console.run('until [ -s /tmp/status ]; do sleep 0.1; done; cat /tmp/status')).stdout,
      '125\n',
    )
    await host.startDaemon()
    client = await reconnect(client, () => host.connect())
    await client.wait('web1', { timeoutMs: 30_000 })
    t.match(await client.run({ target: 'web1', command: 'print-arguments', args: ['again'] }), {
      kind: 'exited',
      code: 0,
    })
    t.equal((await vm.console.run('negotiator-guest run print-arguments again')).stdout, '[again]')
    t.equal(await executions(vm, '/tmp/host-killed'), 1)
    // The guest was told by the new daemon's opening that nobody waits for the old call any more.
    t.equal(
      (await vm.console.run('while pgrep -f "sleep 60" > /dev/null; do sleep 0.1; done; echo ended')).stdout,
      'ended\n',
    )
  })

  await t.test('the guest daemon is killed in the middle of a call', async (t) => {
    const call = await startNote(client, '/tmp/guest-killed')
    await vm.console.run('kill -9 $(cat /run/negotiator-guest.pid)')
    t.match(await call.result, { kind: 'lost' })
    await client.wait('web1', { timeoutMs: 60_000 })
    t.match(await client.run({ target: 'web1', command: 'print-arguments', args: ['again'] }), {
      kind: 'exited',
      code: 0,
    })
    t.equal(await executions(vm, '/tmp/guest-killed'), 1)
  })

  await t.test('the guest reboots in the middle of a call', async (t) => {
    const call = await startNote(client, '/tmp/rebooted')
    const rebooted = vm.reboot()
    t.match(await call.result, { kind: 'lost' })
    await rebooted
    await client.wait('web1', { timeoutMs: 60_000 })
    t.match(await client.run({ target: 'web1', command: 'print-arguments', args: ['again'] }), {
      kind: 'exited',
      code: 0,
    })
    t.equal(
      await executions(vm, '/tmp/rebooted'),
      0,
      'not executed again after the reboot, which emptied /tmp',
    )
  })

  await t.test('a request sent while no guest daemon runs is never executed later', async (t) => {
    await vm.console.run('touch /run/negotiator-guest.hold; kill -9 $(cat /run/negotiator-guest.pid)')
    // The first is sent into a session that looks alive, the second after it has been found dead.
    const early = await client.run({ target: 'web1', command: 'note', args: ['/tmp/late', 'early'] })
    t.match(early, { kind: 'lost' })
    const late = await client.run({ target: 'web1', command: 'note', args: ['/tmp/late', 'late'] })
    t.match(late, { kind: 'unreachable' })
    await vm.console.run('rm /run/negotiator-guest.hold')
    await client.wait('web1', { timeoutMs: 60_000 })
    t.match(await client.run({ target: 'web1', command: 'print-arguments', args: ['after'] }), {
      kind: 'exited',
      code: 0,
    })
    t.equal(await executions(vm, '/tmp/late'), 0)
  })

  t.teardown(() => client.close())
})

/** Starts a call that notes its execution and then lives for a minute; resolves once it is noted. */
async function startNote(client: Client, file: string): Promise<Call> {
  const call = client.call({ target: 'web1', command: 'note', args: [file, 'executed', '60'] })
  call.stderr.resume()
  await new Promise<void>((resolve) => call.stdout.once('data', () => resolve()))
  return call
}

async function executions(vm: Vm, file: string): Promise<number> {
  return Number((await vm.console.run(`cat ${file} 2>/dev/null | wc -l`)).stdout)
}

async function reconnect(old: Client, connect: () => Promise<Client>): Promise<Client> {
  old.close()
  return await connect()
}
