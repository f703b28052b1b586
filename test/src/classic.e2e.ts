/**
 * python-negotiator on the other side of a real virtual machine's channels: its daemon and its program in the guest with our
 * host, its host with our guest. Either may come first, and one may take the other's place while the machine runs.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import type { Client } from '@negotiator/host'
import { callAsOldHost, serveAsOldHost } from './classic/old-host.js'
import { HostProgram } from './machine/host-program.js'
import { buildNegotiatorImage } from './machine/negotiator-image.js'
import { ensurePrerequisites } from './machine/prerequisites.js'
import type { Script } from './machine/story.js'
import { startVm } from './machine/vm.js'
import type { Vm } from './machine/vm.js'
import { copy, dieBy, exitWith, printArguments } from './scripts.js'
import { tellOnFailure } from './machine/tell-on-failure.js'

const oldHostCalls = 300
const oldGuestCalls = 2000
const stateTimeoutMs = 60_000

const whoCalls: Script = { name: 'who-calls', text: '#!/bin/sh\necho "$NEGOTIATOR_GUEST $1"\n' }

test('python-negotiator on the other side', { timeout: 900_000 }, async (t) => {
  const { vm, root, channels } = await bootWithoutHost(t)
  const hostToGuest = vm.socketPath('negotiator-host-to-guest.0')
  const guestToHost = vm.socketPath('negotiator-guest-to-host.0')

  await t.test('an old host program calls our guest daemon, each time on a new connection', async (t) => {
    await vm.console.run('until negotiator-guest status > /dev/null 2>&1; do sleep 0.1; done')
    const call = async (method: string, ...args: readonly string[]): Promise<unknown> =>
      await callAsOldHost(hostToGuest, { args, method, kw: { capture: true } })
    const answers: unknown[] = []
    for (let number = 0; number < oldHostCalls; number += 1) {
      const isListing = number % 10 !== 0
      const answer = isListing
        ? await call('list_commands')
        : await call('execute', 'print-arguments', `${number} é`)
      answers.push(isListing ? (answer as { success: boolean }).success : answer)
    }
    t.strictSame(
      answers,
      answers.map((_, number) => (number % 10 === 0 ? { success: true, result: `[${number} é]` } : true)),
    )
    t.strictSame(await call('execute', 'exit-with', '3'), {
      success: false,
      error: 'External command failed with exit code 3!\n\nCommand:\nexit-with 3',
    })
    t.strictSame(await call('raw_write', 'x'), { success: false, error: 'Method raw_write not supported' })
  })

  await t.test("our guest's program calls an old host daemon", async (t) => {
    const stop = await serveAsOldHost(guestToHost, (method, args) =>
      method === 'execute'
        ? { success: true, result: `ran ${args.join(' ')}` }
        : method === 'list_commands'
          ? { success: true, result: ['find-ip-addresses'] }
          : { success: false, error: `Method ${method} not supported` },
    )
    const { stdout } = await vm.console.run(
      'negotiator-guest wait --timeout 60 && negotiator-guest commands && negotiator-guest run greet é',
    )
    t.equal(stdout, 'find-ip-addresses\nran greet é')
    stop()
  })

  await stopOurGuest(vm)
  const host = await HostProgram.start({ root, config: [`drivers = ["folder:${channels}"]`] })
  t.teardown(async () => await host.stop())
  tellOnFailure(t, () => host.log)
  await host.addCommand(whoCalls.name, whoCalls.text)
  let client = await host.connect()
  t.teardown(() => client.close())

  await t.test('an old guest daemon that comes after our host is found, and called', async (t) => {
    // Openings pile up in the meantime, and it reads them all at once.
    await vm.console.run('sleep 4')
    await startOldGuest(vm)
    await untilState(client, 'classic')
    t.match((await host.cli(['guests'])).stdout, /^web1 +classic +python-negotiator/m)
    await callsOldGuest(t, host)
  })

  await t.test('one that is killed and started again is found again', async (t) => {
    await endOldGuest(vm)
    const nobody = await host.cli(['run', 'web1', 'print-arguments', 'late'])
    t.match(nobody, { status: 125, stderr: 'print-arguments on web1: unreachable: it does not answer\n' })
    await untilState(client, 'silent')
    await startOldGuest(vm)
    await untilState(client, 'classic')
    await callsOldGuest(t, host)
  })

  await t.test('it is found by a host that comes after it', async (t) => {
    client.close()
    await host.stop()
    await host.startDaemon()
    client = await host.connect()
    await untilState(client, 'classic')
    await callsOldGuest(t, host)
  })

  await t.test('an old guest program calls our host, however often it leaves too early', async (t) => {
    const { stdout, stderr } = await vm.console.run(`node /opt/old/old-guest-calls.js ${oldGuestCalls}`, {
      timeoutMs: 300_000,
    })
    t.equal(stderr, '')
    t.strictSame(JSON.parse(stdout), {
      right: oldGuestCalls,
      cutRequests: oldGuestCalls / 10,
      cutAnswers: oldGuestCalls / 10,
      wrong: [],
    })
  })

  await t.test('our guest daemon takes its place', async (t) => {
    await endOldGuest(vm)
    await vm.console.run('rm /run/negotiator-guest.hold')
    await untilState(client, 'ready')
    t.equal((await host.cli(['run', 'web1', 'print-arguments', 'ours'])).stdout, '[ours]')
    await vm.console.run('negotiator-guest wait --timeout 60')
    const { stderr } = await vm.console.run('node /opt/old/old-guest-calls.js 1')
    t.match(stderr, /EBUSY/, 'the port is ours, and our program goes through our daemon')
    t.equal((await vm.console.run('negotiator-guest run who-calls x')).stdout, 'web1 x\n')
  })

  await t.test('and gives it back', async (t) => {
    await stopOurGuest(vm)
    await startOldGuest(vm)
    await untilState(client, 'classic')
    await callsOldGuest(t, host)
    t.match(JSON.parse((await vm.console.run('node /opt/old/old-guest-calls.js 20')).stdout), { right: 20 })
  })
})

async function bootWithoutHost(
  t: Test,
): Promise<{ readonly vm: Vm; readonly root: string; readonly channels: string }> {
  const root = await mkdtemp(join(tmpdir(), 'ng-'))
  t.teardown(async () => await rm(root, { recursive: true, force: true }))
  const image = await buildNegotiatorImage({
    prerequisites: await ensurePrerequisites({ install: true, log: (line) => t.comment(line) }),
    files: [
      ...[printArguments, copy, exitWith, dieBy].map(({ name, text }) => ({
        to: `/usr/lib/negotiator/commands/${name}`,
        content: text,
        mode: 0o755,
      })),
      ...['old-port.js', 'old-guest-daemon.js', 'old-guest-calls.js'].map((name) => ({
        to: `/opt/old/${name}`,
        from: join(import.meta.dirname, 'classic', name),
      })),
      { to: '/opt/old/package.json', content: '{"type": "module"}' },
    ],
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

/** What a host can do with an old guest, and how it is told what it cannot. */
async function callsOldGuest(t: Test, host: HostProgram): Promise<void> {
  const run = async (...args: readonly string[]): Promise<unknown> => {
    const { status, stdout, stderr } = await host.cli(['run', 'web1', ...args])
    return [status, stdout, stderr]
  }
  t.strictSame(await run('print-arguments', 'two words', 'größe €'), [0, '[two words][größe €]', ''])
  t.strictSame(await run('exit-with', '3'), [3, '', ''])
  t.strictSame(await run('die-by', 'KILL'), [137, '', ''])
  t.match(await run('print-argument'), [127, '', /unknown-command: .*; did you mean "print-arguments"\?\n$/])
  t.match(await host.cli(['run', 'web1', 'copy'], { input: ' größe\n' }), { status: 0, stdout: 'größe' })
  t.equal((await host.cli(['commands', 'web1'])).stdout, 'copy\ndie-by\nexit-with\nprint-arguments\n')
}

async function untilState(client: Client, wanted: string): Promise<void> {
  const late = AbortSignal.timeout(stateTimeoutMs)
  for await (const [peer] of client.watchPeers()) {
    if (peer?.state === wanted) return
    if (late.aborted) throw new Error(`web1 is ${peer?.state}, not ${wanted}`)
  }
}

/** Stops our guest daemon in order, and keeps it down. */
async function stopOurGuest(vm: Vm): Promise<void> {
  await vm.console.run(`
    touch /run/negotiator-guest.hold
    pid=$(cat /run/negotiator-guest.pid)
    kill -TERM $pid; while kill -0 $pid 2> /dev/null; do sleep 0.02; done`)
}

async function startOldGuest(vm: Vm): Promise<void> {
  await vm.console.run(
    'node /opt/old/old-guest-daemon.js < /dev/null > /dev/console 2>&1 & echo $! > /run/old.pid',
  )
}

async function endOldGuest(vm: Vm): Promise<void> {
  await vm.console.run(
    'pid=$(cat /run/old.pid); kill -9 $pid; while [ -e /proc/$pid/fd/0 ]; do sleep 0.02; done',
  )
}
