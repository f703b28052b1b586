import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { testFolder } from '@negotiator/common/testing'
import type { Teardown } from '@negotiator/common/testing'
import { test } from 'tap'
import { GuestStore } from './guest-store.js'
import { valuesOf } from './test-store.js'

const worker = join(import.meta.dirname, 'test-killed-writer.js')

/** Runs a change in a process that is killed at its step of this number. @returns whether it came to that step */
async function killedAt(step: number, { folder, verb }: { folder: string; verb: string }): Promise<boolean> {
  const child = spawn(process.execPath, [worker, folder, verb, String(step)], { stdio: 'inherit' })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  if (code === 0) return false
  if (signal === 'SIGKILL') return true
  throw new Error(`the writer ended with ${code ?? signal}`)
}

/** Does a change in a child for each of its steps, killed there, each time from the same beginning. */
async function killEverywhere(
  t: Teardown,
  {
    isDefined,
    verb,
    check,
  }: { isDefined: boolean; verb: string; check: (store: GuestStore) => Promise<void> },
): Promise<number> {
  for (let step = 1; ; step += 1) {
    const folder = join(testFolder(t), 'guests')
    const store = new GuestStore(folder)
    if (isDefined) await store.put({ values: valuesOf() })
    const wasKilled = await killedAt(step, { folder, verb })
    await check(store)
    // Whoever comes next can go on, whatever was left lying about.
    await store.put({ values: valuesOf() })
    if (!wasKilled) return step - 1
  }
}

test('GuestStore.put() that is killed at any step leaves no guest or a whole one', async (t) => {
  const seen = new Set<string>()
  const steps = await killEverywhere(t, {
    isDefined: false,
    verb: 'define',
    check: async (store) => {
      const { guests, faults } = await store.read()
      t.same(faults, [])
      seen.add(guests.map(({ revision, values }) => `${revision}: ${values.vcpus}`).join())
    },
  })
  t.ok(steps >= 8, `killed at ${steps} steps`)
  t.same(seen, new Set(['', '1: 1']))
})

test('GuestStore.put() that is killed at any step leaves the old definition or the new one', async (t) => {
  const seen = new Set<string>()
  const steps = await killEverywhere(t, {
    isDefined: true,
    verb: 'change',
    check: async (store) => {
      const { guests, faults } = await store.read()
      t.same(faults, [])
      seen.add(guests.map(({ revision, values }) => `${revision}: ${values.vcpus}`).join())
    },
  })
  t.ok(steps >= 10, `killed at ${steps} steps`)
  t.same(seen, new Set(['1: 1', '2: 2']))
})

test('GuestStore.remove() that is killed at any step leaves a guest, or one that can be brought back', async (t) => {
  const seen = new Set<number>()
  const steps = await killEverywhere(t, {
    isDefined: true,
    verb: 'undefine',
    check: async (store) => {
      const { guests, faults } = await store.read()
      t.same(faults, [])
      seen.add(guests.length)
      if (guests.length === 0) t.match(await store.undo('web1', { isDryRun: true }), { values: { vcpus: 1 } })
    },
  })
  t.ok(steps >= 4, `killed at ${steps} steps`)
  t.same(seen, new Set([0, 1]))
})
