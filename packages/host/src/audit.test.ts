import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Interface } from 'node:readline'
import { test } from 'tap'
import type { Test } from 'tap'
import { testFolder } from '@negotiator/common/testing'
import { connect } from './index.js'
import type { Client } from '@negotiator/common'

const program = join(import.meta.dirname, 'cli/main.js')

/** A host's daemon in a process of its own, without guests, that calls are made through. */
class DaemonProcess {
  readonly path: string
  readonly #lines: Interface
  readonly #host: Client
  readonly #processId: number

  private constructor({
    root,
    lines,
    host,
    processId,
  }: {
    root: string
    lines: Interface
    host: Client
    processId: number
  }) {
    this.path = join(root, 'var/log/negotiator/host-audit.log')
    this.#lines = lines
    this.#host = host
    this.#processId = processId
  }

  static async start(t: Test, settings = ''): Promise<DaemonProcess> {
    const root = testFolder(t)
    for (const folder of ['guests', 'etc/negotiator']) mkdirSync(join(root, folder), { recursive: true })
    writeFileSync(
      join(root, 'etc/negotiator/host.toml'),
      `drivers = ["folder:${join(root, 'guests')}"]\n${settings}`,
    )
    const child = spawn(process.execPath, [program, '--root', root, 'daemon'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    t.teardown(async () => {
      child.kill()
      await once(child, 'exit')
    })
    const lines = createInterface(child.stderr)
    await logged(lines, 'Started')
    const host = await connect({ root })
    t.teardown(() => host.close())
    return new DaemonProcess({ root, lines, host, processId: child.pid ?? 0 })
  }

  /** Makes a call that is refused, for there is no such guest, and waits until it is counted. */
  async call(command: string): Promise<void> {
    const before = await this.counted()
    await this.#host.call({ target: 'nobody', command }).result
    while ((await this.counted()) === before) await new Promise(setImmediate)
  }

  /** How the audit log is. */
  async state(): Promise<{ readonly written: number; readonly lost: number; readonly problem?: string }> {
    return (await this.#host.status())['audit'] as { written: number; lost: number; problem?: string }
  }

  async counted(): Promise<number> {
    const { written, lost } = await this.state()
    return written + lost
  }

  async hangUp(): Promise<void> {
    const reloaded = logged(this.#lines, 'Reloaded')
    process.kill(this.#processId, 'SIGHUP')
    await reloaded
  }
}

async function logged(lines: Interface, message: string): Promise<void> {
  for (;;) {
    const [line] = (await once(lines, 'line')) as [string]
    if ((JSON.parse(line) as Record<string, unknown>)['message'] === message) return
  }
}

function commandsIn(path: string): readonly unknown[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => (JSON.parse(line) as Record<string, unknown>)['command'])
}

test('the daemon begins a new audit log at SIGHUP, goes on, and loses nothing', async (t) => {
  const daemon = await DaemonProcess.start(t)
  await daemon.call('one')
  renameSync(daemon.path, `${daemon.path}.1`)
  await daemon.hangUp()
  await daemon.call('two')
  t.same([commandsIn(`${daemon.path}.1`), commandsIn(daemon.path)], [['one'], ['two']])
  t.match(await daemon.state(), { written: 2, lost: 0 })
})

test('the daemon finds by itself that its audit log was moved', async (t) => {
  const daemon = await DaemonProcess.start(t)
  await daemon.call('call')
  renameSync(daemon.path, `${daemon.path}.1`)
  // Made by rotation, before the daemon has noticed.
  writeFileSync(daemon.path, '', { mode: 0o640 })
  let count = 1
  for (; commandsIn(daemon.path).length === 0; count += 1) await daemon.call('call')
  t.equal(commandsIn(`${daemon.path}.1`).length + commandsIn(daemon.path).length, count)
})

test('the daemon goes on at the beginning of an audit log that was copied and truncated', async (t) => {
  const daemon = await DaemonProcess.start(t)
  await daemon.call('one')
  copyFileSync(daemon.path, `${daemon.path}.1`)
  truncateSync(daemon.path)
  await daemon.call('two')
  t.same([commandsIn(`${daemon.path}.1`), commandsIn(daemon.path)], [['one'], ['two']])
})

test('a daemon whose disk is full answers calls, and counts what it cannot write', async (t) => {
  const daemon = await DaemonProcess.start(t, 'audit-file = "/dev/full"\n')
  await daemon.call('one')
  await daemon.call('two')
  t.match(await daemon.state(), { written: 0, lost: 2, problem: 'ENOSPC' })
})
