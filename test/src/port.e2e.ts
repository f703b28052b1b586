/**
 * The guest's ports as they really are: hosts that come, leave and return, a port that another process holds, one that is
 * unplugged, a machine without koffi. The guest's daemon copes by itself, and costs nothing while nothing happens.
 */
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import type { Client } from '@negotiator/host'
import { HostProgram } from './machine/host-program.js'
import { buildNegotiatorImage } from './machine/negotiator-image.js'
import { ensurePrerequisites } from './machine/prerequisites.js'
import { startVm } from './machine/vm.js'
import type { Vm } from './machine/vm.js'
import { note, printArguments } from './scripts.js'
import { tellOnFailure } from './machine/tell-on-failure.js'

const hostToGuest = 'negotiator-host-to-guest.0'
const readyTimeoutMs = 60_000
/** A daemon that looked at its ports on a timer would wake up at least 60 times, one that span would be busy all the while. */
const restMs = 3000
const restLooks = 10
const wakeUpsMax = 20
const busyMaxMs = 1000

test('the ports of a guest', { timeout: 900_000 }, async (t) => {
  const { vm, root, channels } = await bootWithoutHost(t)
  const startHost = async (): Promise<HostProgram> =>
    await HostProgram.start({ root, config: [`drivers = ["folder:${channels}"]`] })

  await t.test('a guest that boots without a host waits for it, asleep', async (t) => {
    await vm.console.run('until negotiator-guest status > /dev/null 2>&1; do sleep 0.1; done')
    const result = await vm.console.run('negotiator-guest run print-arguments x')
    t.equal(result.status, 125)
    t.match(result.stderr, /its channel is not connected/)
    await checkRest(t, vm)
  })

  await t.test('it stops at once while it waits, and comes back', async (t) => {
    await stopsAtOnce(t, vm)
    await vm.console.run('rm /run/negotiator-guest.hold')
  })

  const host = await startHost()
  t.teardown(async () => await host.stop())
  tellOnFailure(t, () => host.log)
  for (const { name, text } of [printArguments, note]) await host.addCommand(name, text)
  let client = await host.connect()
  t.teardown(() => client.close())

  await t.test('the host comes at last, and both can call', async (t) => {
    await client.wait('web1', { timeoutMs: readyTimeoutMs })
    await callBothWays(t, { vm, client })
  })

  await t.test('the host leaves and returns 20 times, and calls go on each time', async (t) => {
    for (let round = 0; round < 20; round += 1) {
      client.close()
      await (round % 2 === 0 ? host.stop() : host.killDaemon())
      await host.startDaemon()
      client = await host.connect()
      await client.wait('web1', { timeoutMs: readyTimeoutMs })
      await callGuest(t, client)
      // A program of the guest takes seconds to start.
      if (round % 5 === 4) await callBothWays(t, { vm, client })
    }
  })

  await t.test('the guest sleeps while its host is there and quiet', async (t) => {
    await checkRest(t, vm)
  })

  await t.test('it stops at once while its host is there, and in the middle of a call', async (t) => {
    await stopsAtOnce(t, vm)
    await startDaemon({ vm, client })
    const call = client.call({ target: 'web1', command: 'note', args: ['/tmp/stopped', 'executed', '60'] })
    call.stderr.resume()
    await once(call.stdout, 'data')
    await stopsAtOnce(t, vm)
    t.match(await call.result, { kind: 'lost' })
    await startDaemon({ vm, client })
  })

  await t.test(
    'a port that another process holds is told with its holder, and had when that one ends',
    async (t) => {
      await stopDaemonMs(vm)
      const from = vm.log.end
      const holder = await vm.console.run(
        `device=$(readlink -f /dev/virtio-ports/${hostToGuest}); sleep 1000 <>$device > /dev/null 2>&1 & echo $!; rm /run/negotiator-guest.hold`,
      )
      const told = await vm.log.waitFor(/Cannot open the port .*?: .* holds it/, {
        from,
        signal: AbortSignal.timeout(readyTimeoutMs),
      })
      t.match(told, new RegExp(`/dev/vport\\d+p\\d+.*: sleep \\(process ${holder.stdout.trim()}\\) holds it`))
      t.equal(
        (await vm.console.run('negotiator-guest wait --timeout 60 && negotiator-guest run print-arguments x'))
          .stdout,
        '[x]',
      )
      await vm.console.run(`kill ${holder.stdout}`)
      await client.wait('web1', { timeoutMs: readyTimeoutMs })
      await callBothWays(t, { vm, client })
      t.equal(timesLogged(vm, { what: ': sleep (process', from }), 1, 'told once, not at each attempt')
    },
  )

  await t.test('a port is unplugged and plugged in again', async (t) => {
    const from = vm.log.end
    const unplugged = deviceDeleted(vm, 'channel0')
    await vm.qmp('device_del', { id: 'channel0' })
    await unplugged
    await vm.log.waitFor(new RegExp(`Cannot find the port .*${hostToGuest}.*`), {
      from,
      signal: AbortSignal.timeout(readyTimeoutMs),
    })
    t.equal(
      (await vm.console.run('negotiator-guest run print-arguments x')).stdout,
      '[x]',
      'the other port goes on',
    )
    await vm.qmp('device_add', {
      driver: 'virtserialport',
      bus: 'virtio-serial0.0',
      chardev: 'charchannel0',
      id: 'channel0',
      name: hostToGuest,
    })
    await untilAnswers(client)
    await callBothWays(t, { vm, client })
  })

  await t.test('without koffi the guest says so once, and goes on', async (t) => {
    await vm.console.run('mv /opt/negotiator/node_modules /opt/negotiator/away')
    await stopDaemonMs(vm)
    const from = vm.log.end
    await startDaemon({ vm, client })
    await callBothWays(t, { vm, client })
    t.equal(timesLogged(vm, { what: 'looked at on a timer', from }), 1)
    const bytes = Buffer.alloc(1_000_000, 'x')
    t.match(await client.run({ target: 'web1', command: 'cat-all' }, { stdin: bytes }), {
      code: 0,
      stdout: bytes,
    })
    await stopsAtOnce(t, vm)
  })
})

async function bootWithoutHost(
  t: Test,
): Promise<{ readonly vm: Vm; readonly root: string; readonly channels: string }> {
  const root = await mkdtemp(join(tmpdir(), 'ng-'))
  t.teardown(async () => await rm(root, { recursive: true, force: true }))
  const image = await buildNegotiatorImage({
    prerequisites: await ensurePrerequisites({ install: true, log: (line) => t.comment(line) }),
    files: [printArguments, note, { name: 'cat-all', text: '#!/bin/sh\nexec cat\n' }].map(
      ({ name, text }) => ({
        to: `/usr/lib/negotiator/commands/${name}`,
        content: text,
        mode: 0o755,
      }),
    ),
  })
  const channels = join(root, 'channels')
  const dir = join(channels, 'web1')
  await mkdir(dir, { recursive: true })
  const vm = await startVm({ image, name: 'web1', dir })
  t.teardown(async () => await vm.close())
  tellOnFailure(t, () => vm.log.text)
  await vm.waitBooted()
  return { vm, root, channels }
}

async function callGuest(t: Test, client: Client): Promise<void> {
  const call = { target: 'web1', command: 'print-arguments', args: ['to', 'the guest'] }
  t.equal((await client.run(call)).stdout.toString(), '[to][the guest]')
}

async function callBothWays(t: Test, { vm, client }: { vm: Vm; client: Client }): Promise<void> {
  await callGuest(t, client)
  const back = await vm.console.run(
    'negotiator-guest wait --timeout 60 && negotiator-guest run print-arguments back',
  )
  t.equal(back.stdout, '[back]')
}

/** Checks that the guest's daemon rests: neither does it wake up again and again, nor is it busy without ever sleeping. */
async function checkRest(t: Test, vm: Vm): Promise<void> {
  let rest = await lookForRest(vm)
  // The collections of garbage that follow work are over after a while; a daemon that polls never rests.
  for (let look = 1; look < restLooks && !isAtRest(rest); look += 1) rest = await lookForRest(vm)
  t.ok(isAtRest(rest), `${rest.wakeUps} wake-ups and ${rest.busyMs} ms of processor time in ${restMs} ms`)
}

function isAtRest({ wakeUps, busyMs }: { readonly wakeUps: number; readonly busyMs: number }): boolean {
  return wakeUps < wakeUpsMax && busyMs < busyMaxMs
}

async function lookForRest(vm: Vm): Promise<{ readonly wakeUps: number; readonly busyMs: number }> {
  const look = `
    awk '/^voluntary/ { sum += $2 } END { print sum }' /proc/$pid/task/*/status
    awk '{ print $14 + $15 }' /proc/$pid/stat`
  const { stdout } = await vm.console.run(
    `pid=$(cat /run/negotiator-guest.pid); ${look}; sleep ${restMs / 1000}; ${look}`,
  )
  const [wakeUpsBefore = NaN, ticksBefore = NaN, wakeUps = NaN, ticks = NaN] = stdout.split('\n').map(Number)
  return { wakeUps: wakeUps - wakeUpsBefore, busyMs: (ticks - ticksBefore) * 10 }
}

/** Stops the guest's daemon, which stays down. @returns how long it took by the guest's clock */
async function stopDaemonMs(vm: Vm): Promise<number> {
  const { stdout } = await vm.console.run(
    `touch /run/negotiator-guest.hold
    pid=$(cat /run/negotiator-guest.pid)
    cut -d' ' -f1 /proc/uptime; kill -TERM $pid; while kill -0 $pid 2>/dev/null; do sleep 0.02; done; cut -d' ' -f1 /proc/uptime`,
  )
  const [before = NaN, after = NaN] = stdout.split('\n').map(Number)
  return Math.round((after - before) * 1000)
}

/** Nothing is waited for: the daemon is gone sooner than a program of the guest has started, some seconds under emulation. */
async function stopsAtOnce(t: Test, vm: Vm): Promise<void> {
  const { stdout } = await vm.console.run(
    `look() { before=$(cut -d' ' -f1 /proc/uptime); negotiator-guest status > /dev/null 2>&1; }
    until look; do sleep 0.1; done; echo $before; cut -d' ' -f1 /proc/uptime`,
  )
  const [before = NaN, after = NaN] = stdout.split('\n').map(Number)
  const programMs = Math.round((after - before) * 1000)
  const stoppedMs = await stopDaemonMs(vm)
  t.ok(stoppedMs < programMs, `it took ${stoppedMs} ms, and a program ${programMs} ms`)
}

/** Lets the guest's daemon start again. */
async function startDaemon({ vm, client }: { vm: Vm; client: Client }): Promise<void> {
  await vm.console.run('rm /run/negotiator-guest.hold')
  await client.wait('web1', { timeoutMs: readyTimeoutMs })
}

function timesLogged(vm: Vm, { what, from }: { what: string; from: number }): number {
  return vm.log.text.slice(from).split(what).length - 1
}

async function deviceDeleted(vm: Vm, id: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = vm.monitor.onEvent(({ name, detail }) => {
      if (name !== 'DEVICE_DELETED' || !JSON.stringify(detail).includes(`"${id}"`)) return
      stop()
      resolve()
    })
  })
}

/** A session that broke unnoticed still looks ready, so only an answer counts. */
async function untilAnswers(client: Client): Promise<void> {
  for (;;) {
    await client.wait('web1', { timeoutMs: readyTimeoutMs })
    const answered = await client.ping('web1').catch(() => undefined)
    if (answered !== undefined) return
  }
}
