import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { createLog, silentLog } from '../log.js'
import { testFolder, writeCommand } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import { Registry } from './registry.js'

const script = 'exit 0'

async function openRegistry(test: Teardown, folders: readonly string[]): Promise<Registry> {
  const registry = await Registry.open({ folders, log: silentLog })
  test.teardown(async () => await registry.close())
  return registry
}

/** Makes a change and waits until the registry has told of a set with these names. */
async function untilNames(
  registry: Registry,
  { names, change }: { names: readonly string[]; change: () => void },
): Promise<void> {
  await new Promise<void>((resolve) => {
    const unsubscribe = registry.subscribe(({ commands }) => {
      if (JSON.stringify([...commands.keys()]) !== JSON.stringify(names)) return
      unsubscribe()
      resolve()
    })
    change()
  })
}

test('a folder that does not exist at the start is served once there is something in it', async (t) => {
  const folder = join(testFolder(t), 'usr/lib/negotiator/commands')
  const registry = await openRegistry(t, [folder])
  t.equal(registry.set.commands.size, 0)
  const change = (): void => {
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    writeCommand({ folder, name: 'hello', script })
  }
  await untilNames(registry, { names: ['hello'], change })
  t.hasProp(await registry.find('hello'), 'command')
})

test('a folder that is removed takes its commands along, and brings them when it is made anew', async (t) => {
  const folder = join(testFolder(t), 'commands')
  mkdirSync(folder, { mode: 0o755 })
  writeCommand({ folder, name: 'old', script })
  const registry = await openRegistry(t, [`${folder}/`])
  await untilNames(registry, { names: [], change: () => rmSync(folder, { recursive: true }) })
  const change = (): void => {
    mkdirSync(folder, { mode: 0o755 })
    writeCommand({ folder, name: 'new', script })
  }
  await untilNames(registry, { names: ['new'], change })
  await untilNames(registry, { names: [], change: () => rmSync(join(folder, 'new')) })
})

test('a folder may be a link', async (t) => {
  const top = testFolder(t)
  const [real, folder] = [join(top, 'real'), join(top, 'commands')]
  mkdirSync(real, { mode: 0o755 })
  symlinkSync(real, folder)
  const registry = await openRegistry(t, [folder])
  await untilNames(registry, {
    names: ['hello'],
    change: () => writeCommand({ folder: real, name: 'hello', script }),
  })
  t.match(await registry.find('hello'), { command: { path: join(real, 'hello') } })
})

test('a folder that is renamed out of the way takes its commands along', async (t) => {
  const top = testFolder(t)
  const folder = join(top, 'commands')
  mkdirSync(folder, { mode: 0o755 })
  writeCommand({ folder, name: 'hello', script })
  const registry = await openRegistry(t, [folder])
  await untilNames(registry, { names: [], change: () => renameSync(folder, join(top, 'commands.old')) })
})

test('open() tells which folder it cannot read', async (t) => {
  const folder = join(testFolder(t), 'commands')
  writeFileSync(folder, 'a file where a folder should be')
  await t.rejects(Registry.open({ folders: [folder], log: silentLog }), { code: 'command-folder-unreadable' })
})

test('a folder that becomes unreadable leaves the set as it was, and is logged', async (t) => {
  const folder = join(testFolder(t), 'commands')
  mkdirSync(folder, { mode: 0o755 })
  writeCommand({ folder, name: 'hello', script })
  const lines: string[] = []
  let onLine = (): void => undefined
  const write = (line: string): void => {
    lines.push(line)
    onLine()
  }
  const registry = await Registry.open({
    folders: [folder],
    log: createLog({ level: 'error', format: 'text', write }),
  })
  t.teardown(async () => await registry.close())
  await new Promise<void>((resolve) => {
    onLine = resolve
    rmSync(folder, { recursive: true })
    writeFileSync(folder, 'a file where a folder should be')
  })
  t.match(
    lines[0],
    /^error The commands stay as they were reason="Cannot read the command folder .*: ENOTDIR"/,
  )
  t.same([...registry.set.commands.keys()], ['hello'])
})

test('a registry without folders has no commands', async (t) => {
  const registry = await openRegistry(t, [])
  t.equal(registry.set.commands.size, 0)
  t.same(await registry.find('hello'), { missing: true })
})
