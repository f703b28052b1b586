import { chmodSync, copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { silentLog, systemClock } from '@negotiator/common'
import { testFolder } from '@negotiator/common/testing'
import { test } from 'tap'
import type { Test } from 'tap'
import { checkVerbs } from './check-verbs.js'
import { createDrivers, driverLife, driverMachines } from './drivers.js'

const needs = { clock: systemClock, log: silentLog }
const { signal } = new AbortController()
const example = join(import.meta.dirname, '../../../../docs/examples/list-driver.mjs')

/** A module of these lines. */
function moduleOf(t: Test, text: string, mode = 0o644): string {
  const path = join(testFolder(t), 'x.mjs')
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

test('the example of docs/drivers.md finds guests, and keeps the contract of the verbs', async (t) => {
  const path = join(testFolder(t), 'list-driver.mjs')
  copyFileSync(example, path)
  chmodSync(path, 0o644)
  for (const name of [path, `module:${path}`]) {
    const [driver] = await createDrivers([name], needs)
    t.match(driver, { name })
    t.same(await driver?.list(signal), [])
  }
  await checkVerbs(t, () => path)
})

test('a module that lacks something is no driver, and everything that it lacks is told', async (t) => {
  const end = '; docs/drivers.md shows one that is complete'
  const bare = 'export const summary = "x"; export const owns = () => [];'
  const cases: readonly (readonly [text: string, why: string])[] = [
    ['export const x = 1', 'it lacks a text "summary", a function "discover", a function "owns"'],
    [
      `${bare} export const discover = () => ({}); export const machines = 1`,
      'it lacks a function "machines"',
    ],
    [`${bare} export const discover = () => 1`, 'what its "discover" gives lacks all'],
    [
      `${bare} export const discover = () => ({ name: "x" })`,
      'what its "discover" gives lacks a function "list", a function "watch"',
    ],
  ]
  for (const [text, why] of cases) {
    const path = moduleOf(t, text)
    const message = `Cannot load the driver "${path}": ${why}${end}`
    await t.rejects(createDrivers([path], needs), { code: 'driver-failed', message })
  }
})

test('a module that runs machines has to have all that this takes', async (t) => {
  const path = moduleOf(
    t,
    `export const summary = 'x'
    export const owns = () => []
    export const discover = () => ({})
    export const machines = () => ({ start() {}, kill() {}, state() {} })`,
  )
  const places = { root: '/absent', runFolder: '/absent', stateFolder: '/absent', ...needs }
  await t.rejects(driverMachines(path, places), {
    code: 'driver-failed',
    message:
      /gives lacks a function "shutdown", a function "suspend", a function "resume", a function "ended"; /,
  })
  await t.rejects(driverMachines('folder:/run/guests', places), {
    code: 'driver-runs-nothing',
    message:
      'Cannot run machines with the driver "folder:/run/guests": it only finds them; those that can are libvirt, qemu, fake',
  })
})

test('a module may own nothing that is not told in full, by an absolute path', async (t) => {
  const path = moduleOf(
    t,
    `export const summary = 'x'
    export const discover = () => ({})
    export const owns = () => [
      { kind: 'folder', path: '/run/fine', mode: 0o755, madeBy: 'start', purpose: 'fine' },
      { kind: 'folder', path: 'relative', mode: 0o755, madeBy: 'start', purpose: 'odd' },
      { kind: 'file', path: '/run/x', mode: 0o644, madeBy: 'start' },
    ]`,
  )
  await t.rejects(driverLife(path, { root: '/absent', runFolder: '/absent', stateFolder: '/absent' }), {
    code: 'driver-failed',
    message:
      `Cannot load the driver "${path}": its "owns" gives what is no piece: ` +
      '{"kind":"folder","path":"relative","mode":493,"madeBy":"start","purpose":"odd"}, ' +
      '{"kind":"file","path":"/run/x","mode":420,"madeBy":"start"}',
  })
})

test('a module that is missing, or that others may write to, is not loaded', async (t) => {
  await t.rejects(createDrivers(['/absent/x.mjs'], needs), {
    code: 'driver-refused',
    message: 'Cannot load the driver "/absent/x.mjs": there is no such file',
  })
  const open = moduleOf(t, 'export const x = 1', 0o666)
  await t.rejects(createDrivers([open], needs), {
    code: 'driver-refused',
    message: `Cannot load the driver "${open}": its file may be written by others than its owner; chmod go-w it (${open})`,
  })
})
