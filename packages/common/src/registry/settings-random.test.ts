import fc from 'fast-check'
import { test } from 'tap'
import { testSeed } from '../test-seed.js'
import type { CommandKind } from './command.js'
import { parseSettings } from './settings-file.js'
import { settingsTable } from './settings-table.js'

/** Lines as an administrator might have got them wrong. */
const lines = fc
  .tuple(
    fc.constantFrom(...settingsTable.keys(), '__proto__', '"', '[environment]', '[[args]]', 'environment.TZ'),
    fc.constantFrom(' = ', '=', ' ', '.x = ', ']'),
    fc.oneof(
      fc.constantFrom(
        '1',
        '"30s"',
        '"x"',
        'true',
        '[]',
        '["a+"]',
        '[1, "b"]',
        '{ A = "x" }',
        'nan',
        "'('",
        '"busy"',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
    ),
  )
  .map((parts) => parts.join(''))

test('parseSettings() gives settings or a reason of one line, whatever the text', (t) => {
  const seed = testSeed(t)
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(lines, { maxLength: 5 }).map((all) => all.join('\n')),
  )
  const kinds = fc.constantFrom<CommandKind>('executable', 'module', 'socket')
  const run = fc.property(texts, kinds, (text, kind) => {
    const read = parseSettings({ text, kind })
    if ('settings' in read) return Object.keys(read.settings).length <= settingsTable.size
    // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
    return read.reason.length < 400 && !/[\u0000-\u001f\u007f-\u009f]/.test(read.reason)
  })
  fc.assert(run, { seed, numRuns: 5_000 })
  t.end()
})
