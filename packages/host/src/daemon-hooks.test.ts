import { mkdirSync, readFileSync, renameSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { loadConfig, silentLog, systemClock } from '@negotiator/common'
import { testFolder, testShippedPolicy, writeCommand } from '@negotiator/common/testing'
import { startHostDaemon } from './daemon.js'
import { TestGuest } from './guests/test-guest.js'
import { connect } from './index.js'

/** What a hook was told. */
interface Heard {
  readonly phase: string
  readonly subject: { readonly guest: { readonly name: string }; readonly state: string }
}

/** A host's machine with a hook in each phase that its daemon raises, which writes down what it is told. */
class Machine {
  readonly root: string
  readonly #t: Test

  constructor(t: Test) {
    this.#t = t
    this.root = testFolder(t)
    for (const folder of [this.guests, this.notes]) mkdirSync(folder, { mode: 0o755 })
    for (const phase of ['started', 'connected', 'ready', 'lost', 'stopped']) this.addHook(phase, '20-note')
  }

  get guests(): string {
    return join(this.root, 'guests')
  }

  get notes(): string {
    return join(this.root, 'notes')
  }

  addHook(phase: string, name: string, settings?: string): void {
    const folder = join(this.root, 'etc/negotiator/hooks.d', phase)
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    const script = `echo "$* ${name} $NEGOTIATOR_GUEST" >>${this.root}/order; cat >>${this.root}/heard; touch ${this.notes}/$2`
    writeCommand({ folder, name, script })
    if (settings !== undefined) writeFileSync(join(folder, `${name}.toml`), settings, { mode: 0o644 })
  }

  /** Waits until a hook of a phase has been run. */
  async heard(phase: string): Promise<void> {
    const changes = watch(this.notes)
    try {
      await new Promise<void>((resolve) => {
        changes.on('change', (_event, name) => {
          if (name === phase) resolve()
        })
      })
    } finally {
      changes.close()
    }
  }

  async addGuest(name: string): Promise<TestGuest> {
    const folder = join(this.root, name)
    mkdirSync(folder)
    const guest = await TestGuest.start({ test: this.#t, folder })
    renameSync(folder, join(this.guests, name))
    return guest
  }

  async start(): Promise<void> {
    const config = {
      ...(await loadConfig({ side: 'host', root: this.root })),
      drivers: [`folder:${this.guests}`],
    }
    const daemon = await startHostDaemon({
      config,
      shipped: { commandFolders: [], policyFile: testShippedPolicy(this.#t, 'host') },
      clock: systemClock,
      log: silentLog,
    })
    this.#t.teardown(async () => await daemon.close())
  }

  lines(file: 'order' | 'heard'): readonly string[] {
    return readFileSync(join(this.root, file), 'utf8').trimEnd().split('\n')
  }
}

test("the daemon runs the hooks of a guest's life, in its order, and tells them whose it is", async (t) => {
  const machine = new Machine(t)
  machine.addHook('ready', '30-others', 'guests = ["db-*"]')
  machine.addHook('ready', '40-mine', 'guests = ["web*"]')
  await machine.start()
  const isReady = machine.heard('ready')
  await machine.addGuest('web1')
  await isReady
  const isStopped = machine.heard('stopped')
  renameSync(join(machine.guests, 'web1'), join(machine.root, 'gone'))
  await isStopped
  t.same(machine.lines('order'), [
    'guest started 20-note web1',
    'guest connected 20-note web1',
    'guest ready 20-note web1',
    'guest ready 40-mine web1',
    'guest lost 20-note web1',
    'guest stopped 20-note web1',
  ])
  const heard = machine.lines('heard').map((line) => JSON.parse(line) as Heard)
  t.same(
    heard.map(({ phase, subject }) => [phase, subject.guest, subject.state]),
    [
      ['started', { name: 'web1' }, 'connecting'],
      ['connected', { name: 'web1' }, 'silent'],
      ['ready', { name: 'web1' }, 'ready'],
      ['ready', { name: 'web1' }, 'ready'],
      ['lost', { name: 'web1' }, 'silent'],
      ['stopped', { name: 'web1' }, 'gone'],
    ],
  )
  for (const each of heard) t.match(each, { mode: 'guest', side: 'host', run: /^[0-9a-f-]{36}$/ })
  const host = await connect({ root: machine.root })
  t.teardown(() => host.close())
  t.match(await host.status(), { hooks: { outcomes: { skipped: 1, failed: 0 }, troubles: [] } })
})

test('the daemon does not say of a guest that was there before that it was started', async (t) => {
  const machine = new Machine(t)
  await machine.addGuest('web1')
  const isReady = machine.heard('ready')
  await machine.start()
  await isReady
  t.same(machine.lines('order'), ['guest connected 20-note web1', 'guest ready 20-note web1'])
})
