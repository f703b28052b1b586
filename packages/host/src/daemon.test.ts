import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import type { Test } from 'tap'
import { loadConfig, silentLog, systemClock } from '@negotiator/common'
import type { Config } from '@negotiator/common'
import { testFolder, testShippedPolicy } from '@negotiator/common/testing'
import { startHostDaemon } from './daemon.js'
import type { Daemon } from './daemon.js'
import { TestGuest } from './guests/test-guest.js'
import { connect } from './index.js'

const childTimeoutMs = 20_000

/** A host's machine, all of it in one folder. */
class Machine {
  readonly root: string
  readonly #t: Test

  constructor(t: Test) {
    this.#t = t
    this.root = testFolder(t)
    for (const folder of [this.guests, this.shipped]) mkdirSync(folder, { mode: 0o755 })
  }

  get guests(): string {
    return join(this.root, 'guests')
  }

  get shipped(): string {
    return join(this.root, 'shipped')
  }

  get control(): string {
    return join(this.root, 'run/negotiator/host.sock')
  }

  get drivers(): Partial<Config> {
    return { drivers: [`folder:${this.guests}`] }
  }

  addCommand({ name, script }: { name: string; script: string }): void {
    writeFileSync(join(this.shipped, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(this.shipped, name), 0o755)
  }

  async addGuest(name: string): Promise<TestGuest> {
    const folder = join(this.guests, name)
    mkdirSync(folder)
    return await TestGuest.start({ test: this.#t, folder })
  }

  async start(change: Partial<Config> = this.drivers): Promise<Daemon> {
    const config = { ...(await loadConfig({ side: 'host', root: this.root })), ...change }
    const daemon = await startHostDaemon({
      config,
      shipped: { commandFolders: [this.shipped], policyFile: testShippedPolicy(this.#t, 'host') },
      clock: systemClock,
      log: silentLog,
    })
    this.#t.teardown(async () => await daemon.close())
    return daemon
  }
}

/** Starts a daemon and closes it, in a process of its own that then must end by itself. @returns what it says */
async function startAndClose(machine: Machine, change: Partial<Config>): Promise<string> {
  const program = `
    import { loadConfig, silentLog, systemClock } from ${JSON.stringify(import.meta.resolve('@negotiator/common'))}
    import { startHostDaemon } from ${JSON.stringify(new URL('daemon.js', import.meta.url).href)}
    const [root, change] = process.argv.slice(1)
    const config = { ...(await loadConfig({ side: 'host', root })), ...JSON.parse(change) }
    try {
      const daemon = await startHostDaemon({ config, shipped: { commandFolders: [] }, clock: systemClock, log: silentLog })
      await daemon.close()
      console.log('closed')
    } catch (error) {
      console.log(error.code, error.message)
    }`
  const args = ['--input-type=module', '-e', program, machine.root, JSON.stringify(change)]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: childTimeoutMs })
  return stdout
}

test('the status tells of the drivers and of the guests that they find', async (t) => {
  const machine = new Machine(t)
  await machine.addGuest('web1')
  const missing = `folder:${join(machine.root, 'missing')}`
  await machine.start({ drivers: [`folder:${machine.guests}`, missing] })
  const host = await connect({ root: machine.root })
  t.teardown(() => host.close())
  await host.wait('web1')
  t.match(await host.status(), {
    side: 'host',
    processId: process.pid,
    drivers: [
      { name: `folder:${machine.guests}`, guests: 1 },
      { name: missing, guests: 0, problem: /missing": the folder does not exist/ },
    ],
    peers: [{ name: 'web1', state: 'ready' }],
  })
})

test('guests come and go while the daemon runs', async (t) => {
  const machine = new Machine(t)
  await machine.start()
  const host = await connect({ root: machine.root })
  t.teardown(() => host.close())
  t.same(await host.peers(), [])
  const guest = await machine.addGuest('web1')
  await host.wait('web1')
  t.match(await host.peers(), [{ name: 'web1', state: 'ready' }])
  await guest.stop()
  for await (const peers of host.watchPeers()) if (peers.length === 0) break
})

test('a guest calls a command of the host', async (t) => {
  const machine = new Machine(t)
  machine.addCommand({ name: 'who', script: 'echo "$NEGOTIATOR_GUEST"' })
  const guest = await machine.addGuest('web1')
  await machine.start()
  t.equal(await guest.callHost('who'), 'web1\n')
})

test('close() leaves the guests and the local programs, and removes its socket', async (t) => {
  const machine = new Machine(t)
  const guest = await machine.addGuest('web1')
  const daemon = await machine.start()
  const host = await connect({ root: machine.root })
  await host.wait('web1')
  const peers = host.watchPeers()
  await peers.next()
  t.ok(existsSync(machine.control))
  await daemon.close()
  await guest.left()
  t.notOk(existsSync(machine.control))
  await t.rejects(connect({ root: machine.root }), { code: 'daemon-unreachable' })
  await t.rejects(async () => {
    while (!(await peers.next()).done);
  }, 'who follows the peers is told that the daemon has left')
  await daemon.close()
})

test('a daemon that is closed leaves nothing that keeps its process alive', async (t) => {
  const machine = new Machine(t)
  await machine.addGuest('web1')
  t.equal(
    await startAndClose(machine, { drivers: [`folder:${machine.guests}`, 'qemu:no-such-guest'] }),
    'closed\n',
  )
})

test('a second daemon is refused and ends, and the first goes on', async (t) => {
  const machine = new Machine(t)
  await machine.addGuest('web1')
  await machine.start()
  t.equal(
    await startAndClose(machine, machine.drivers),
    `already-running Cannot start the daemon: another one answers on "${machine.control}"; stop that one first\n`,
  )
  const host = await connect({ root: machine.root })
  t.teardown(() => host.close())
  await host.wait('web1')
})

test('a socket that a dead daemon left behind is replaced', async (t) => {
  const machine = new Machine(t)
  const program = `
    import { createServer } from 'node:net'
    createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`
  mkdirSync(join(machine.root, 'run/negotiator'), { recursive: true })
  const dead = execFile(process.execPath, ['--input-type=module', '-e', program, machine.control])
  await once(dead, 'exit')
  t.ok(existsSync(machine.control))
  await machine.start()
  const host = await connect({ root: machine.root })
  host.close()
})

test('a daemon with an unknown driver is refused and ends', async (t) => {
  const machine = new Machine(t)
  t.match(
    await startAndClose(machine, { drivers: ['qemo'] }),
    /^unknown-driver Cannot use the driver "qemo": /,
  )
  await t.rejects(machine.start({ drivers: ['qemo'] }), { name: 'UsageError', code: 'unknown-driver' })
  t.notOk(existsSync(machine.control))
})
