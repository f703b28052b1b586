import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { createLog } from '../log.js'
import { scanFolders } from '../registry/scan.js'
import { testFolder } from '../test-folder.js'
import { unpackCommands } from './carried-commands.js'
import { loadConfig } from './config.js'

const commands = { guest: {}, both: { hello: '#!/bin/sh\necho hello\n' } }

test('unpackCommands() gives folders in search order, with commands that may be run', async (t) => {
  const root = testFolder(t)
  const config = await loadConfig({ side: 'guest', root })
  const log = createLog({ level: 'debug', format: 'text', write: (line) => t.fail(line) })
  const folders = await unpackCommands({ side: 'guest', commands, config, log })
  const home = join(root, 'var/lib/negotiator/shipped-commands/guest')
  t.strictSame(folders, [join(home, 'guest'), join(home, 'both')])
  const found = await scanFolders(folders)
  t.strictSame([...found.commands.keys()], ['hello'])
  t.strictSame(found.refused, [])
})

test('unpackCommands() warns and goes on without them when there is no place', async (t) => {
  const root = testFolder(t)
  writeFileSync(join(root, 'var'), '')
  const config = await loadConfig({ side: 'guest', root })
  const lines: string[] = []
  const log = createLog({ level: 'info', format: 'text', write: (line) => lines.push(line) })
  t.strictSame(await unpackCommands({ side: 'guest', commands: { both: commands.both }, config, log }), [])
  t.match(lines, [
    /^warn +Cannot unpack the shipped commands, so they cannot be called reason="Cannot unpack into/,
  ])
})
