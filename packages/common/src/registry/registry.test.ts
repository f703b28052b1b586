import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { createLog, silentLog } from '../log.js'
import { testFolder, writeCommand } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import { Registry } from './registry.js'
import type { CommandSet } from './scan.js'

const script = 'exit 0'

function commandFolder(test: Teardown): string {
  const folder = join(testFolder(test), 'commands')
  mkdirSync(folder, { mode: 0o755 })
  return folder
}

async function openRegistry(test: Teardown, folders: readonly string[]): Promise<Registry> {
  const registry = await Registry.open({ folders, log: silentLog })
  test.teardown(async () => await registry.close())
  return registry
}

/** Waits until the registry tells a change, and gives what it told. */
async function nextSet(registry: Registry): Promise<CommandSet> {
  return await new Promise((resolve) => {
    const unsubscribe = registry.subscribe((set) => {
      unsubscribe()
      resolve(set)
    })
  })
}

async function namesAfter(registry: Registry, change: () => void): Promise<readonly string[]> {
  const told = nextSet(registry)
  change()
  return [...(await told).commands.keys()]
}

test('find() gives the command of the first folder that has the name', async (t) => {
  const [first, second] = [commandFolder(t), commandFolder(t)]
  const own = writeCommand({ folder: first, name: 'hello', script })
  writeCommand({ folder: second, name: 'hello', script })
  const shipped = writeCommand({ folder: second, name: 'uptime', script })
  const registry = await openRegistry(t, [first, second])
  t.same(await registry.find('hello'), {
    command: { name: 'hello', kind: 'executable', path: own, settings: {} },
  })
  t.same(await registry.find('uptime'), {
    command: { name: 'uptime', kind: 'executable', path: shipped, settings: {} },
  })
})

test('find() looks no further than a refused file or a link that leads nowhere', async (t) => {
  const [first, second] = [commandFolder(t), commandFolder(t)]
  writeCommand({ folder: first, name: 'hello', script, mode: 0o644 })
  symlinkSync('absent', join(first, 'uptime'))
  for (const name of ['hello', 'uptime']) writeCommand({ folder: second, name, script })
  const registry = await openRegistry(t, [first, second])
  t.hasProp(await registry.find('hello'), 'refused')
  t.hasProp(await registry.find('uptime'), 'refused')
})

test('find() never leaves the folders, whatever the name', async (t) => {
  const folder = commandFolder(t)
  writeCommand({ folder: join(folder, '..'), name: 'outside', script })
  writeCommand({ folder, name: '.hidden', script })
  const registry = await openRegistry(t, [folder])
  for (const name of [
    '../outside',
    './outside',
    '/bin/sh',
    '..',
    '.',
    '',
    '.hidden',
    'a'.repeat(65),
    'a/../../outside',
  ]) {
    t.same(await registry.find(name), { missing: true }, name)
  }
})

test('find() sees the disk as it is now, before the watch does', async (t) => {
  const folder = commandFolder(t)
  const registry = await openRegistry(t, [folder])
  const path = writeCommand({ folder, name: 'new', script })
  t.hasProp(await registry.find('new'), 'command')
  chmodSync(path, 0o644)
  t.hasProp(await registry.find('new'), 'refused')
  rmSync(path)
  t.same(await registry.find('new'), { missing: true })
})

test('the set has what find() has seen, whether the watch tells it or not', async (t) => {
  const folder = commandFolder(t)
  const registry = await openRegistry(t, [folder])
  await registry.close()
  const added = nextSet(registry)
  const path = writeCommand({ folder, name: 'new', script })
  await registry.find('new')
  t.same([...(await added).commands.keys()], ['new'])
  const removed = nextSet(registry)
  rmSync(path)
  await registry.find('new')
  t.same([...(await removed).commands.keys()], [])
})

test('the set follows a new file, its removal and a change of mode', async (t) => {
  const folder = commandFolder(t)
  const registry = await openRegistry(t, [folder])
  t.same(await namesAfter(registry, () => writeCommand({ folder, name: 'new', script })), ['new'])
  t.same([...registry.set.commands.keys()], ['new'])
  t.same(await namesAfter(registry, () => chmodSync(join(folder, 'new'), 0o644)), [])
  t.same(
    registry.set.refused.map(({ name }) => name),
    ['new'],
  )
  t.same(await namesAfter(registry, () => chmodSync(join(folder, 'new'), 0o755)), ['new'])
  t.same(await namesAfter(registry, () => rmSync(join(folder, 'new'))), [])
})

test('the set follows a change of mode also when the file has been read since it was written', async (t) => {
  const folder = commandFolder(t)
  const path = writeCommand({ folder, name: 'used', script })
  const registry = await openRegistry(t, [folder])
  readFileSync(path)
  t.same(await namesAfter(registry, () => chmodSync(path, 0o644)), [])
})

test('the set follows a file that is replaced by a rename, as packagers do', async (t) => {
  const folder = commandFolder(t)
  writeCommand({ folder, name: 'hello', script })
  const registry = await openRegistry(t, [folder])
  const replaceWith = (mode: number) => (): void => {
    renameSync(writeCommand({ folder, name: '.hello', script, mode }), join(folder, 'hello'))
  }
  t.same(await namesAfter(registry, replaceWith(0o600)), [])
  t.same(await namesAfter(registry, replaceWith(0o755)), ['hello'])
  t.same(
    await namesAfter(registry, () => chmodSync(join(folder, 'hello'), 0o600)),
    [],
    'the new file is watched too',
  )
})

test('the set follows a folder that becomes writable for others', async (t) => {
  const folder = commandFolder(t)
  writeCommand({ folder, name: 'hello', script })
  const registry = await openRegistry(t, [folder])
  t.same(await namesAfter(registry, () => chmodSync(folder, 0o775)), [])
  t.same(await namesAfter(registry, () => chmodSync(folder, 0o755)), ['hello'])
})

test('a burst of changes is told once', async (t) => {
  const folder = commandFolder(t)
  const registry = await openRegistry(t, [folder])
  const told: number[] = []
  registry.subscribe(({ commands }) => told.push(commands.size))
  await namesAfter(registry, () => {
    for (let number = 0; number < 50; number += 1) writeCommand({ folder, name: `command-${number}`, script })
  })
  await namesAfter(registry, () => writeCommand({ folder, name: 'last', script }))
  t.same(told, [50, 51])
})

test('what changes no command is not told', async (t) => {
  const folder = commandFolder(t)
  const path = writeCommand({ folder, name: 'hello', script })
  const registry = await openRegistry(t, [folder])
  const told: number[] = []
  registry.subscribe(({ commands }) => told.push(commands.size))
  writeFileSync(path, '#!/bin/sh\nexit 1\n')
  writeFileSync(join(folder, 'hello.toml'), '')
  await namesAfter(registry, () => writeCommand({ folder, name: 'last', script }))
  t.same(told, [2])
})

test('the set follows settings that are written, mended and removed', async (t) => {
  const folder = commandFolder(t)
  writeCommand({ folder, name: 'hello', script })
  const registry = await openRegistry(t, [folder])
  const write = (text: string) => (): void => {
    writeFileSync(join(folder, '.hello.toml'), text)
    chmodSync(join(folder, '.hello.toml'), 0o644)
    renameSync(join(folder, '.hello.toml'), join(folder, 'hello.toml'))
  }
  t.same(await namesAfter(registry, write('sumary = "Hi"')), [])
  t.match(registry.set.refused, [{ name: 'hello', reason: /did you mean "summary"/ }])
  t.same(await namesAfter(registry, write('summary = "Hi"')), ['hello'])
  t.same(registry.set.commands.get('hello')?.settings, { summary: 'Hi' })
  t.same(await namesAfter(registry, () => rmSync(join(folder, 'hello.toml'))), ['hello'])
  t.same(registry.set.commands.get('hello')?.settings, {})
})

test('a module is found by its name alone', async (t) => {
  const folder = commandFolder(t)
  const path = writeCommand({ folder, name: 'tidy.mjs', script: '', mode: 0o644 })
  const registry = await openRegistry(t, [folder])
  t.same([...registry.set.commands.keys()], ['tidy'])
  t.match(await registry.find('tidy'), { command: { name: 'tidy', kind: 'module', path } })
  t.same(await registry.find('tidy.mjs'), { missing: true })
})

test('a subscriber that has left is told nothing more', async (t) => {
  const folder = commandFolder(t)
  const registry = await openRegistry(t, [folder])
  const unsubscribe = registry.subscribe(() => t.fail('it had left'))
  unsubscribe()
  t.same(await namesAfter(registry, () => writeCommand({ folder, name: 'new', script })), ['new'])
})

test('each refused file is logged once, with its reason', async (t) => {
  const folder = commandFolder(t)
  const bad = writeCommand({ folder, name: 'bad', script, mode: 0o644 })
  const lines: string[] = []
  const log = createLog({ level: 'info', format: 'json', write: (line) => void lines.push(line) })
  const registry = await Registry.open({ folders: [folder], log })
  t.teardown(async () => await registry.close())
  await namesAfter(registry, () => writeCommand({ folder, name: 'good', script }))
  t.equal(lines.length, 1)
  const { level, path, reason } = JSON.parse(lines[0] ?? '') as Record<string, unknown>
  t.same({ level, path, reason }, { level: 'warn', path: bad, reason: 'it is not executable; chmod +x it' })
})
