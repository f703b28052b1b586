import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import type { Test } from 'tap'
import { loadConfig, silentLog, systemClock } from '@negotiator/common'
import type { Config } from '@negotiator/common'
import { testFolder, testShippedPolicy } from '@negotiator/common/testing'
import { startGuestDaemon } from './daemon.js'
import type { Daemon } from './daemon.js'
import { connect } from './index.js'
import { TestHost } from './test-host.js'

const childTimeoutMs = 20_000

/** A guest's machine, all of it in one folder. */
class Machine {
  readonly root: string
  readonly channels: string
  readonly hostCommands: string
  readonly #t: Test

  constructor(t: Test) {
    this.#t = t
    this.root = testFolder(t)
    this.channels = join(this.root, 'channels')
    this.hostCommands = join(this.root, 'host-commands')
    for (const folder of [this.channels, this.hostCommands, this.shipped]) mkdirSync(folder, { mode: 0o755 })
  }

  get shipped(): string {
    return join(this.root, 'shipped')
  }

  get control(): string {
    return join(this.root, 'run/negotiator/guest.sock')
  }

  addCommand(folder: string, { name, script }: { name: string; script: string }): void {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, name), 0o755)
  }

  async start(change: Partial<Config> = {}): Promise<Daemon> {
    const defaults = await loadConfig({ side: 'guest', root: this.root })
    const daemon = await startGuestDaemon({
      config: { ...defaults, 'channel-folder': this.channels, ...change },
      devices: { sysfs: join(this.root, 'no-ports'), dev: this.root },
      shipped: { commandFolders: [this.shipped], policyFile: testShippedPolicy(this.#t, 'guest') },
      clock: systemClock,
      log: silentLog,
    })
    this.#t.teardown(async () => await daemon.close())
    return daemon
  }

  async attachHost(): Promise<TestHost> {
    const host = await TestHost.attach({ channels: this.channels, commands: this.hostCommands })
    this.#t.teardown(async () => await host.close())
    return host
  }
}

/** Starts a daemon and closes it, in a process of its own that then must end by itself. @returns what it says */
async function startAndClose(machine: Machine, change: Partial<Config>): Promise<string> {
  const program = `
    import { loadConfig, silentLog, systemClock } from ${JSON.stringify(import.meta.resolve('@negotiator/common'))}
    import { startGuestDaemon } from ${JSON.stringify(new URL('daemon.js', import.meta.url).href)}
    const [root, change] = process.argv.slice(1)
    const config = { ...(await loadConfig({ side: 'guest', root })), ...JSON.parse(change) }
    const devices = { sysfs: root + '/no-ports', dev: root }
    try {
      const daemon = await startGuestDaemon({ config, devices, shipped: { commandFolders: [] }, clock: systemClock, log: silentLog })
      await daemon.close()
      console.log('closed')
    } catch (error) {
      console.log(error.code, error.message)
    }`
  const args = ['--input-type=module', '-e', program, machine.root, JSON.stringify(change)]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: childTimeoutMs })
  return stdout
}

test('the host calls a command of the guest', async (t) => {
  const machine = new Machine(t)
  machine.addCommand(machine.shipped, { name: 'who', script: 'echo "$NEGOTIATOR_CALLER asks $1"' })
  await machine.start()
  const host = await machine.attachHost()
  await host.ready()
  const stream = host.link.open({ ask: 'run', command: 'who', args: ['something'], hasStdin: false })
  const chunks: Buffer[] = []
  stream.stdin.end()
  stream.stderr.discard()
  stream.stdout.receive({ bytes: (chunk) => void chunks.push(chunk), end: () => undefined })
  t.same(await stream.result, { kind: 'exited', code: 0 })
  t.equal(Buffer.concat(chunks).toString(), 'host asks something\n')
})

test("a program in the guest calls a command of the host through the guest's daemon", async (t) => {
  const machine = new Machine(t)
  machine.addCommand(machine.hostCommands, { name: 'guest-name', script: 'echo "$NEGOTIATOR_GUEST"; exit 3' })
  await machine.start()
  await machine.attachHost()
  const guest = await connect({ root: machine.root })
  t.teardown(() => guest.close())
  await guest.wait('host')
  const outcome = await guest.run({ target: 'host', command: 'guest-name' })
  t.equal(outcome.stdout.toString(), 'web1\n')
  t.match(outcome, { kind: 'exited', code: 3 })
})

test('the status tells of the host, as it comes and goes', async (t) => {
  const machine = new Machine(t)
  await machine.start()
  const guest = await connect({ root: machine.root })
  t.teardown(() => guest.close())
  t.match(await guest.status(), {
    side: 'guest',
    processId: process.pid,
    peers: [{ name: 'host', state: 'connecting' }],
  })
  for (let round = 0; round < 3; round += 1) {
    const host = await machine.attachHost()
    await guest.wait('host')
    t.match(await guest.peers(), [{ name: 'host', state: 'ready' }])
    await host.close()
    for await (const [peer] of guest.watchPeers()) if (peer?.state === 'connecting') break
  }
})

test('close() ends the calls, leaves the host and the local programs, and removes all sockets', async (t) => {
  const machine = new Machine(t)
  machine.addCommand(machine.hostCommands, { name: 'forever', script: 'echo begun; exec sleep 1000' })
  const daemon = await machine.start()
  const host = await machine.attachHost()
  const guest = await connect({ root: machine.root })
  await guest.wait('host')
  const call = guest.call({ target: 'host', command: 'forever' })
  await new Promise<void>((resolve) => call.stdout.once('data', () => resolve()))
  await daemon.close()
  t.match(await call.result, { kind: 'lost' })
  await host.left()
  t.same(readdirSync(machine.channels), [])
  await t.rejects(connect({ root: machine.root }), { code: 'daemon-unreachable' })
  await daemon.close()
})

test('a daemon that is closed leaves nothing that keeps its process alive', async (t) => {
  const machine = new Machine(t)
  t.equal(await startAndClose(machine, { 'channel-folder': machine.channels }), 'closed\n')
  t.equal(await startAndClose(machine, { 'channel-folder': '' }), 'closed\n', 'while it waits for its ports')
})

test('a second daemon is refused and ends, and the first goes on', async (t) => {
  const machine = new Machine(t)
  await machine.start()
  t.equal(
    await startAndClose(machine, { 'channel-folder': machine.channels }),
    `already-running Cannot start the daemon: another one answers on "${machine.control}"; stop that one first\n`,
  )
  const host = await machine.attachHost()
  await host.ready()
})

test('a daemon that cannot have its sockets is refused and ends, and nobody takes it for a running one', async (t) => {
  const machine = new Machine(t)
  const missing = join(machine.root, 'missing')
  t.match(
    await startAndClose(machine, { 'channel-folder': missing }),
    /^channel-folder-failed Cannot listen on /,
  )
  await t.rejects(machine.start({ 'channel-folder': missing }), { code: 'channel-folder-failed' })
  await t.rejects(connect({ root: machine.root }), { code: 'daemon-unreachable' })
  await machine.start()
})

test('a guest without ports waits for them, and its programs can ask why', async (t) => {
  const machine = new Machine(t)
  await machine.start({ 'channel-folder': '' })
  const guest = await connect({ root: machine.root })
  t.teardown(() => guest.close())
  t.match(await guest.run({ target: 'host', command: 'guest-name' }), {
    kind: 'unreachable',
    reason: /its channel is not connected/,
  })
})
