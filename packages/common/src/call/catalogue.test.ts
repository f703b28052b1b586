import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { settle } from '../fake-clock.js'
import { catalogueEntriesMax, cataloguesPerCallerMax, secretArgsMax } from '../limits.js'
import type { CommandSettings } from '../registry/settings.js'
import { sessionPair } from '../session/session-pair.js'
import { writeCommand } from '../test-folder.js'
import { catalogueFrom, serveCatalogue } from './catalogue.js'
import type { CatalogueEntry } from './catalogue.js'
import { lineBytesMax, readJsonLines } from './json-lines.js'
import { servedPair } from './test-calls.js'
import type { ServedPair } from './test-calls.js'
import { testJudge } from './test-judge.js'

const script = 'exit 0'

/** Opens a catalogue; each `next` waits for what is told next. */
function watchedCatalogue({ pair }: Pick<ServedPair, 'pair'>): {
  cancel: () => void
  next: () => Promise<readonly CatalogueEntry[]>
} {
  const stream = pair.caller.session.open({ ask: 'commands' })
  const told: (readonly CatalogueEntry[])[] = []
  let wake = (): void => undefined
  readJsonLines(stream.stdout, {
    value: (value) => {
      told.push(catalogueFrom(value))
      wake()
    },
    bad: (error) => {
      throw error
    },
  })
  const next = async (): Promise<readonly CatalogueEntry[]> => {
    const first = told.shift()
    if (first !== undefined) return first
    await new Promise<void>((resolve) => (wake = resolve))
    return await next()
  }
  return { cancel: () => stream.cancel(), next }
}

test('the catalogue is told at once and after each change', async (t) => {
  const served = await servedPair(t)
  const { folder } = served
  const { next } = watchedCatalogue(served)
  t.same(await next(), [])
  writeCommand({ folder, name: 'hello', script })
  t.same(await next(), [{ name: 'hello', kind: 'executable', secretArgs: [] }])
  writeCommand({ folder, name: 'apple', script })
  t.same(
    (await next()).map(({ name }) => name),
    ['apple', 'hello'],
  )
  rmSync(join(folder, 'hello'))
  t.same(
    (await next()).map(({ name }) => name),
    ['apple'],
  )
})

test('the catalogue names no path and no refused file', async (t) => {
  const served = await servedPair(t)
  const { folder, registry, pair } = served
  writeCommand({ folder, name: 'refused', script, mode: 0o644 })
  const hasRead = new Promise<void>((resolve) => void registry.subscribe(() => resolve()))
  writeCommand({ folder, name: 'hello', script })
  await hasRead
  const stream = pair.caller.session.open({ ask: 'commands' })
  const line = await new Promise<string>((resolve) =>
    stream.stdout.receive({ bytes: (chunk) => resolve(chunk.toString()), end: () => undefined }),
  )
  t.equal(line, '{"commands":[{"name":"hello","kind":"executable","secretArgs":[]}]}\n')
})

test('a catalogue that is cancelled ends, and costs nothing any more', async (t) => {
  const served = await servedPair(t)
  const { cancel, next } = watchedCatalogue(served)
  await next()
  cancel()
  await settle()
  t.equal(served.pair.server.session.callCount, 0)
  t.equal(served.pair.caller.session.callCount, 0)
})

test('a catalogue of 500 commands arrives whole', async (t) => {
  const served = await servedPair(t)
  const names = Array.from(
    { length: 500 },
    (_, number) => `${'x'.repeat(59)}${String(number).padStart(5, '0')}`,
  )
  const commands = names.map((name) => ({ name, kind: 'executable', secretArgs: [] }))
  const hasRead = new Promise<void>(
    (resolve) => void served.registry.subscribe(({ commands: { size } }) => size === 500 && resolve()),
  )
  for (const name of names) writeCommand({ folder: served.folder, name, script })
  await hasRead
  t.same(await watchedCatalogue(served).next(), commands)
})

test('catalogueFrom() passes over names that are none, for the other side is not to be trusted', (t) => {
  const commands = ['hello', '../sh', '', 'a b', '\u001b[2J'].map((name) => ({ name, kind: 'executable' }))
  t.same(catalogueFrom({ commands }), [{ name: 'hello', kind: 'executable' }])
  t.equal(catalogueFrom({ commands: [{ name: 'a', kind: 'k'.repeat(1000), more: 1 }] })[0]?.kind.length, 32)
  t.end()
})

test('the catalogue tells what the settings say of a command', async (t) => {
  const served = await servedPair(t)
  const { folder, registry } = served
  const hasRead = new Promise<void>((resolve) => void registry.subscribe(() => resolve()))
  writeCommand({ folder, name: 'resize', script })
  const path = join(folder, 'resize.toml')
  writeFileSync(path, 'summary = "Resize"\nusage = "DEVICE SIZE"\nuser = "nobody"\nsecret-args = [2]', {
    mode: 0o644,
  })
  await hasRead
  t.same(await watchedCatalogue(served).next(), [
    { name: 'resize', kind: 'executable', summary: 'Resize', usage: 'DEVICE SIZE', secretArgs: [2] },
  ])
})

test('a caller is told what it may call, and no more, and anew when the policy changes', async (t) => {
  const allowed = new Set(['hello'])
  const subscribers = new Set<() => void>()
  const judge = {
    ...testJudge(),
    mayEverCall: ({ command }: { readonly command: string }) => allowed.has(command),
    subscribe: (subscriber: () => void) => {
      subscribers.add(subscriber)
      return () => void subscribers.delete(subscriber)
    },
  }
  const served = await servedPair(t, { judge })
  for (const name of ['apple', 'hello', 'reboot']) writeCommand({ folder: served.folder, name, script })
  const { next, cancel } = watchedCatalogue(served)
  let names: readonly string[] = []
  while (names.join() !== 'hello') names = (await next()).map(({ name }) => name)
  allowed.add('apple')
  for (const subscriber of subscribers) subscriber()
  t.same(
    (await next()).map(({ name }) => name),
    ['apple', 'hello'],
  )
  cancel()
  while (subscribers.size > 0) await settle()
})

/** What is told of commands that all have these settings, one more than a catalogue takes. */
async function toldOf(t: Test, settings: CommandSettings): Promise<readonly CatalogueEntry[]> {
  const pair = await sessionPair()
  t.teardown(async () => await pair.close())
  const names = Array.from({ length: catalogueEntriesMax + 1 }, (_, number) => `c${number}`)
  const commands = new Map(
    names.map((name) => [name, { name, kind: 'executable', path: `/c/${name}`, settings }] as const),
  )
  const unchanging = (): (() => void) => () => undefined
  const registry = { set: { commands, refused: [] }, subscribe: unchanging }
  pair.server.onCall = (stream) =>
    serveCatalogue(stream, {
      registry,
      isTold: () => true,
      onPolicyChange: unchanging,
      onOver: () => undefined,
    })
  return await watchedCatalogue({ pair }).next()
}

test('a catalogue that is too long with its summaries is told without, but with its secrets', async (t) => {
  const told = await toldOf(t, { summary: 'ü'.repeat(200), usage: 'ü'.repeat(200), secretArgs: [2, 17] })
  t.equal(told.length, catalogueEntriesMax)
  t.same(told[0], { name: 'c0', kind: 'executable', secretArgs: [2, 17] })
})

test('a catalogue that is too long with its secrets ends where it must, for they are never left out', async (t) => {
  const secretArgs = Array.from({ length: secretArgsMax }, (_, index) => index + 1)
  const told = await toldOf(t, { summary: 'x', secretArgs })
  const last = Buffer.byteLength(JSON.stringify(told.at(-1)))
  const bytes = Buffer.byteLength(`${JSON.stringify({ commands: told })}\n`)
  t.ok(bytes <= lineBytesMax && bytes + 2 * last > lineBytesMax, `${bytes} bytes in ${told.length} entries`)
  t.ok(told.every((entry, index) => entry.name === `c${index}` && entry.secretArgs?.length === secretArgsMax))
})

test('catalogueFrom() cuts what a peer tells, and makes it safe to show', (t) => {
  const told = { name: 'a', kind: '\u001b[2J', summary: 'x'.repeat(1000), usage: '\u001b'.repeat(199) }
  t.same(catalogueFrom({ commands: [told] }), [
    { name: 'a', kind: '\\x1b[2J', summary: 'x'.repeat(200), usage: '\\x1b'.repeat(50) },
  ])
  t.end()
})

test('catalogueFrom() takes all secrets or, of a side that does not say, none', (t) => {
  const secretArgs = Array.from({ length: secretArgsMax }, (_, index) => Number.MAX_SAFE_INTEGER - index)
  const commands = [{ name: 'a', secretArgs }, { name: 'b', secretArgs: [] }, { name: 'c' }].map((entry) => ({
    kind: 'executable',
    ...entry,
  }))
  t.strictSame(catalogueFrom({ commands }), commands)
  t.notOk('secretArgs' in (catalogueFrom({ commands })[2] ?? {}))
  t.end()
})

test('catalogueFrom() refuses secrets that it cannot hide', (t) => {
  for (const secretArgs of [
    null,
    2,
    '2',
    {},
    [0],
    [-1],
    [1.5],
    ['2'],
    [null],
    [[2]],
    [1e300],
    [2 ** 53],
    Array.from({ length: secretArgsMax + 1 }, () => 1),
  ]) {
    t.throws(
      () => catalogueFrom({ commands: [{ name: 'a', kind: 'executable', secretArgs }] }),
      {
        name: 'PeerError',
        code: 'bad-message',
        message: 'Cannot read a message: "secretArgs" is not an array of at most 256 whole numbers from 1 on',
      },
      JSON.stringify(secretArgs).slice(0, 40),
    )
  }
  t.end()
})

test('catalogueFrom() takes no more than its bound, and no name twice', (t) => {
  const commands = Array.from({ length: 5000 }, (_, number) => ({ name: `c${number}`, kind: 'executable' }))
  t.equal(catalogueFrom({ commands }).length, catalogueEntriesMax)
  const twice = [...commands.slice(0, 2), { name: 'c0', kind: 'module' }]
  t.same(catalogueFrom({ commands: twice }), commands.slice(0, 2))
  t.end()
})

test('catalogueFrom() refuses what is no catalogue', (t) => {
  for (const value of [
    null,
    [],
    'commands',
    {},
    { commands: {} },
    { commands: [1] },
    { commands: [{ name: 1, kind: '' }] },
    { commands: [{ name: 'a', kind: 'executable', summary: 1 }] },
    { commands: [{ name: 'a', kind: 'executable', usage: ['x'] }] },
  ]) {
    t.throws(() => catalogueFrom(value), { name: 'PeerError', code: 'bad-message' }, JSON.stringify(value))
  }
  t.end()
})

test('a caller follows the catalogue so many times at once, and again when one of them has ended', async (t) => {
  const { pair } = await servedPair(t)
  const follow = () => {
    const stream = pair.caller.session.open({ ask: 'commands' })
    return {
      stream,
      told: new Promise<string>((resolve) =>
        stream.stdout.receive({ bytes: () => resolve('told'), end: () => resolve('ended') }),
      ),
    }
  }
  const followed = Array.from({ length: cataloguesPerCallerMax }, follow)
  for (const { told } of followed) t.equal(await told, 'told')
  t.same(await follow().stream.result, {
    kind: 'busy',
    reason: `the host tells its commands to one caller ${cataloguesPerCallerMax} times at once; use what it tells already`,
  })
  followed[0]?.stream.cancel()
  await followed[0]?.stream.result
  t.equal(await follow().told, 'told')
})
