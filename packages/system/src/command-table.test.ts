import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSettings } from '@negotiator/common/testing'
import { test } from 'tap'
import { commandTable } from './command-table.js'
import type { SystemCommand } from './command.js'

const settingsFolder = join(import.meta.dirname, '../commands')

test('commandTable names files that export a command of that name, each with its settings', async (t) => {
  for (const [name, file] of Object.entries(commandTable)) {
    const { command } = (await import(`./${file}.js`)) as { command: SystemCommand }
    t.equal(command.name, name)
    const path = join(settingsFolder, `${name}.toml`)
    t.ok(existsSync(path), `${path} is there`)
    const read = parseSettings({ text: readFileSync(path, 'utf8'), kind: 'module' })
    if ('reason' in read) throw new Error(`${path}: ${read.reason}`)
    const { usage, summary, worker } = read.settings
    t.equal(usage, [command.usage, '[--json]'].filter((word) => word !== undefined).join(' '), name)
    t.type(summary, 'string')
    t.equal(worker, 'system', `${name} shares the worker`)
  }
})

test('commandTable names every settings file', (t) => {
  const named = Object.keys(commandTable).map((name) => `${name}.toml`)
  t.same(readdirSync(settingsFolder).sort(), named.sort())
  t.end()
})
