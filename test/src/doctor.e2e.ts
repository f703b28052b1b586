/**
 * The doctor on both sides of a real machine: each thing is broken on purpose, seen by name, mended with the very line that
 * the doctor gives, and seen green.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { HostProgram } from './machine/host-program.js'
import { buildNegotiatorImage } from './machine/negotiator-image.js'
import { ensureInstalled, ensurePrerequisites } from './machine/prerequisites.js'
import { startVm } from './machine/vm.js'
import type { Vm } from './machine/vm.js'
import { printArguments } from './scripts.js'
import { tellOnFailure } from './machine/tell-on-failure.js'

const hostToGuest = 'negotiator-host-to-guest.0'
const readyTimeoutMs = 60_000

interface Finding {
  readonly check: string
  readonly severity: string
  readonly code?: string
  readonly guest?: string
  readonly found: string
  readonly mend?: string
}

interface Diagnosis {
  readonly status: number
  readonly findings: readonly Finding[]
  /** The findings that are no better than warnings. */
  readonly codes: readonly string[]
}

test('the doctor', { timeout: 900_000 }, async (t) => {
  const { vm, host } = await boot(t)
  const inGuest = async (): Promise<Diagnosis> =>
    diagnosis(await vm.console.run('negotiator-guest doctor --json'))
  const onHost = async (...args: readonly string[]): Promise<Diagnosis> =>
    diagnosis(await host.cli(['doctor', '--json', ...args]))
  const ready = async (): Promise<void> => {
    await vm.console.run('rm -f /run/negotiator-guest.hold')
    const { status, stderr } = await host.cli(['wait', 'web1', '--timeout', String(readyTimeoutMs / 1000)])
    if (status !== 0) throw new Error(stderr)
  }
  const allWell = async (t: Test, look: () => Promise<Diagnosis>): Promise<void> => {
    const { status, codes } = await look()
    t.strictSame({ status, codes }, { status: 0, codes: [] })
  }

  await t.test('all is well on both sides', async (t) => {
    await ready()
    const guest = await inGuest()
    t.strictSame({ status: guest.status, codes: guest.codes }, { status: 0, codes: [] })
    t.ok(
      guest.findings.some(({ found }) => found.startsWith(`the port "${hostToGuest}" is there (/dev/vport`)),
    )
    t.ok(guest.findings.some(({ found }) => found === 'the host answers'))
    t.ok(guest.findings.some(({ found }) => found === 'the daemon has koffi, so its ports wake it'))
    const machine = await onHost('web1')
    t.strictSame({ status: machine.status, codes: machine.codes }, { status: 0, codes: [] })
    t.ok(machine.findings.some(({ found, guest }) => guest === 'web1' && found === 'it answers'))
    t.ok(machine.findings.some(({ found }) => found === `the daemon is attached to ${hostToGuest}`))
    t.match((await host.cli(['doctor', 'web1'])).stdout, /Guest "web1"\n\n[^]*ok +it answers\n[^]*$/)
  })

  await t.test('in the guest: a command that is refused', async (t) => {
    await vm.console.run('chmod o+w /usr/lib/negotiator/commands/print-arguments')
    const { status, codes, findings } = await inGuest()
    t.strictSame({ status, codes }, { status: 1, codes: ['command-refused'] })
    await vm.console.run(mendOf(findings, 'command-refused'))
    await allWell(t, inGuest)
  })

  await t.test('in the guest: the daemon is down, and another process holds its port', async (t) => {
    await stopDaemon(vm)
    t.match(await inGuest(), { status: 2, codes: ['daemon-down'] })
    const device = `$(readlink -f /dev/virtio-ports/${hostToGuest})`
    const { stdout } = await vm.console.run(`sleep 1000 <>${device} > /dev/null 2>&1 & echo $!`)
    const { status, codes, findings } = await inGuest()
    t.strictSame({ status, codes: [...codes] }, { status: 2, codes: ['daemon-down', 'port-held'] })
    const held = findings.find(({ code }) => code === 'port-held')
    t.match(held?.found, new RegExp(`^sleep \\(process ${stdout.trim()}\\) holds the port "${hostToGuest}"`))
    await vm.console.run(mendOf(findings, 'port-held'))
    await ready()
    await allWell(t, inGuest)
  })

  await t.test('in the guest: the daemon stands still, which the host sees, too', async (t) => {
    await vm.console.run('kill -STOP $(cat /run/negotiator-guest.pid)')
    await untilState(host, 'silent')
    t.match((await onHost('web1')).codes, [/^guest-(silent|booting)$/])
    const { status, codes, findings } = await inGuest()
    t.strictSame({ status, codes }, { status: 2, codes: ['daemon-stopped'] })
    await vm.console.run(mendOf(findings, 'daemon-stopped'))
    await ready()
    await allWell(t, inGuest)
    await allWell(t, async () => await onHost('web1'))
  })

  await t.test('in the guest: virtio_console is not loaded', async (t) => {
    await vm.console.run(
      'mkdir -p /lib/modules/$(uname -r) && cp /lib/modules/*.ko /lib/modules/$(uname -r) && depmod',
    )
    await stopDaemon(vm)
    t.equal((await vm.console.run('rmmod virtio_console')).stderr, '')
    const { codes, findings } = await inGuest()
    t.strictSame(codes, ['daemon-down', 'module-not-loaded'])
    await vm.console.run(mendOf(findings, 'module-not-loaded'))
    await ready()
    await allWell(t, inGuest)
  })

  await t.test('on the host: somebody else is attached to the socket', async (t) => {
    await host.stop()
    const path = vm.socketPath(hostToGuest)
    const code = `require('net').connect(${JSON.stringify(path)}, () => console.log('attached'))`
    const other = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
    t.teardown(() => other.kill('SIGKILL'))
    await once(other.stdout, 'data')
    await host.startDaemon()
    const { status, codes, findings } = await onHost('web1')
    t.equal(status, 2)
    t.ok(codes.includes('socket-taken'), codes.join(' '))
    const taken = findings.find(({ code }) => code === 'socket-taken')
    t.match(taken?.found, `node (process ${other.pid}) is attached to ${hostToGuest} ("${path}")`)
    t.match(mendOf(findings, 'socket-taken'), `kill ${other.pid}`)
    const ended = once(other, 'exit')
    other.kill('SIGTERM')
    await ended
    await ready()
    await allWell(t, async () => await onHost('web1'))
  })

  await t.test('on the host: a channel is missing, and a guest that is not there', async (t) => {
    const path = vm.socketPath(hostToGuest)
    await rename(path, `${path}.away`)
    t.match(await onHost('web1'), { status: 2, codes: ['channel-missing'] })
    await rename(`${path}.away`, path)
    const { status, findings } = await onHost('web2')
    t.equal(status, 2)
    t.match(findings.find(({ code }) => code === 'no-such-guest')?.found, /did you mean "web1"\?$/)
    await ready()
    await allWell(t, async () => await onHost('web1'))
  })

  await t.test('on the host: the daemon stands still, then is down', async (t) => {
    process.kill(host.daemonId, 'SIGSTOP')
    const { codes, findings } = await onHost('web1')
    t.match(codes, ['daemon-stopped'])
    t.equal(mendOf(findings, 'daemon-stopped'), `kill -CONT ${host.daemonId}`)
    process.kill(host.daemonId, 'SIGCONT')
    await ready()
    await allWell(t, async () => await onHost('web1'))
    await host.stop()
    // Another story's daemon may run on this machine, and is then named.
    t.match(await onHost('web1'), { status: 2, codes: [/^daemon-(down|elsewhere)$/] })
    t.match(await inGuest(), { status: 2, codes: ['host-absent'] })
    await host.startDaemon()
    await ready()
    await allWell(t, async () => await onHost('web1'))
  })
})

async function boot(t: Test): Promise<{ readonly vm: Vm; readonly host: HostProgram }> {
  const log = (line: string): void => t.comment(line)
  await ensureInstalled([{ program: 'ss', package: 'iproute2' }], { install: true, log })
  const root = await mkdtemp(join(tmpdir(), 'ng-'))
  t.teardown(async () => await rm(root, { recursive: true, force: true }))
  const { name, text } = printArguments
  const image = await buildNegotiatorImage({
    prerequisites: await ensurePrerequisites({ install: true, log }),
    files: [{ to: `/usr/lib/negotiator/commands/${name}`, content: text, mode: 0o755 }],
  })
  const channels = join(root, 'channels')
  await mkdir(join(channels, 'web1'), { recursive: true })
  const vm = await startVm({ image, name: 'web1', dir: join(channels, 'web1') })
  t.teardown(async () => await vm.close())
  tellOnFailure(t, () => vm.log.text)
  // A daemon that stands still is to be noticed soon.
  const config = [
    `drivers = ["folder:${channels}"]`,
    'heartbeat-interval-seconds = 1',
    'heartbeat-dead-seconds = 3',
  ]
  const host = await HostProgram.start({ root, config })
  t.teardown(async () => await host.stop())
  tellOnFailure(t, () => host.log)
  await host.addCommand(name, text)
  await vm.waitBooted()
  return { vm, host }
}

function diagnosis({
  stdout,
  stderr,
  status,
}: {
  stdout: string
  stderr: string
  status: number
}): Diagnosis {
  if (stderr !== '') throw new Error(stderr)
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] }
  const faults = findings.filter(({ severity }) => severity === 'warning' || severity === 'error')
  return { status, findings, codes: faults.flatMap(({ code }) => code ?? []) }
}

/** The first line of what mends a fault, as one would type it. */
function mendOf(findings: readonly Finding[], code: string): string {
  const mend = findings.find((finding) => finding.code === code)?.mend
  if (mend === undefined) throw new Error(`There is no fault "${code}"`)
  return mend.split('\n')[0]?.replace(/ {4}# .*$/, '') ?? ''
}

async function stopDaemon(vm: Vm): Promise<void> {
  await vm.console.run(
    `touch /run/negotiator-guest.hold; pid=$(cat /run/negotiator-guest.pid)
    kill -TERM $pid; while kill -0 $pid 2>/dev/null; do sleep 0.02; done`,
  )
}

/** Waits until the host's daemon sees the guest in a state. */
async function untilState(host: HostProgram, state: string): Promise<void> {
  const client = await host.connect()
  for await (const peers of client.watchPeers()) {
    if (peers.some((peer) => peer.name === 'web1' && peer.state === state)) break
  }
  client.close()
}
