/**
 * The contract suite of the five verbs: every driver passes it.
 * For tests. It looks at all that is below a folder before and after, and does not ask the driver what it did there.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { testFolder } from '@negotiator/common/testing'
import type { Test } from 'tap'
import { driverLife } from './drivers.js'
import type { DriverLife } from './drivers.js'
import { verbs } from './verbs.js'
import type { Step, Verb } from './verbs.js'

interface VerbStage {
  /** The folder that stands for `/`. */
  readonly root: string
  readonly life: DriverLife
  /** All that is below the root: kinds, modes, texts. */
  readonly look: () => Readonly<Record<string, string>>
  readonly doIt: (verb: Verb, isDryRun?: boolean) => Promise<readonly Step[]>
}

/** Holds a driver to the contract. @param nameBelow how the configuration writes it, all its paths being below a root */
export async function checkVerbs(test: Test, nameBelow: (root: string) => string): Promise<void> {
  const stage = async (t: Test): Promise<VerbStage> => await makeStage(t, nameBelow)

  await test.test('a dry run changes nothing, and tells what is then done', async (t) => {
    const { look, doIt } = await stage(t)
    for (const verb of verbs) {
      const before = look()
      const told = await doIt(verb, true)
      t.same(look(), before, `${verb} --dry-run`)
      t.same(await doIt(verb), told, `${verb} does what was told`)
    }
  })

  await test.test(
    'install, configure and start make all that the driver owns, and no more when they come again',
    async (t) => {
      const { life, look, doIt } = await stage(t)
      for (const verb of ['install', 'configure', 'start'] as const) await doIt(verb)
      const made = look()
      for (const { path } of life.owns) t.ok(path in made, path)
      for (const verb of ['install', 'configure', 'start'] as const)
        for (const step of await doIt(verb)) t.match(step, { outcome: 'there', why: undefined })
      t.same(look(), made)
    },
  )

  await test.test('stop takes away what start made, and start brings it back', async (t) => {
    const { look, doIt } = await stage(t)
    for (const verb of ['install', 'configure'] as const) await doIt(verb)
    const before = look()
    await doIt('start')
    const started = look()
    await doIt('stop')
    t.same(withoutRecords(look()), withoutRecords(before))
    t.same(await outcomes(doIt('stop')), [], 'nothing is left to stop')
    await doIt('start')
    t.same(look(), started)
  })

  await test.test(
    'cleanup leaves everything as it was before the driver came, and may come again',
    async (t) => {
      const { look, doIt } = await stage(t)
      const before = look()
      for (const verb of ['install', 'configure', 'start'] as const) await doIt(verb)
      await doIt('cleanup')
      t.same(look(), before)
      t.same(await outcomes(doIt('cleanup')), [])
      t.same(look(), before)
    },
  )

  await test.test('cleanup touches nothing that was there before the driver came', async (t) => {
    const { life, look, doIt } = await stage(t)
    for (const { kind, path } of life.owns) {
      mkdirSync(kind === 'folder' ? path : dirname(path), { recursive: true })
      if (kind === 'file') writeFileSync(path, 'of somebody else')
    }
    const before = look()
    for (const verb of verbs) await doIt(verb)
    t.same(look(), before)
  })

  await test.test(
    'cleanup leaves and tells what has been changed since, and shared folders with what is in them',
    async (t) => {
      const { life, look, doIt } = await stage(t)
      for (const verb of ['install', 'configure', 'start'] as const) await doIt(verb)
      const theirs: string[] = []
      for (const { kind, path } of life.owns) {
        theirs.push(kind === 'folder' ? join(path, 'of-somebody') : path)
        writeFileSync(theirs.at(-1) ?? '', 'of somebody else')
      }
      const steps = await doIt('cleanup')
      for (const { path } of life.owns)
        t.match(
          steps.find((step) => step.path === path),
          { outcome: 'left', why: /changed|not empty/ },
        )
      const after = look()
      for (const path of theirs) t.match(after[path], 'of somebody else')
    },
  )
}

async function makeStage(t: Test, nameBelow: (root: string) => string): Promise<VerbStage> {
  const root = testFolder(t)
  const [stateFolder, runFolder] = [join(root, 'var/lib/negotiator'), join(root, 'run/negotiator')]
  mkdirSync(stateFolder, { recursive: true })
  const life = await driverLife(nameBelow(root), { root, stateFolder, runFolder })
  return {
    root,
    life,
    look: () => everythingBelow(root),
    doIt: async (verb, isDryRun = false) => (await life.verbs[verb]({ isDryRun })).steps,
  }
}

function everythingBelow(root: string): Readonly<Record<string, string>> {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => join(root, name))
  return Object.fromEntries(
    paths.sort().map((path) => {
      const stats = statSync(path)
      const mode = (stats.mode & 0o7777).toString(8)
      return [path, stats.isFile() ? `${mode} ${readFileSync(path, 'utf8')}` : mode]
    }),
  )
}

/** The record tells of what is made, so it changes with it. */
function withoutRecords(tree: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(tree).filter(([path]) => !path.includes('/var/lib/negotiator/drivers')),
  )
}

async function outcomes(steps: Promise<readonly Step[]>): Promise<readonly Step[]> {
  return (await steps).filter(({ outcome }) => outcome !== 'absent')
}
