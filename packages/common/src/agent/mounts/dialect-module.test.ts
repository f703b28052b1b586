import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { test } from 'tap'
import { testFolder, writeCommand } from '../../test-folder.js'
import { loadDialect } from './dialect-module.js'
import { mountStage } from './test-mounts.js'

const example = join(import.meta.dirname, '../../../../../docs/examples/words-dialect.mjs')

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setTimeout(5)
}

test('the example of docs/dialects.md does what that page says', async (t) => {
  const dialect = join(testFolder(t), 'words-dialect.mjs')
  copyFileSync(example, dialect)
  chmodSync(dialect, 0o644)
  const { folder, attach, audit } = await mountStage(t, { dialect, options: { greeting: 'hello' } })
  writeCommand({ folder, name: 'greet', script: 'echo "Hello $1!"' })
  writeCommand({ folder, name: 'fail', script: 'exit 3' })
  const peer = attach()
  const answers = await peer.ask('help\r\ngreet world\r\nfail\nnosuch\ngreet moon\n', /moon/)
  t.same(answers.split('\n'), [
    'hello',
    '+ a command and its arguments',
    '+ "Hello world!\\n"',
    '- {"kind":"exited","code":3}',
    '- unknown-command: there is no command of this name',
    '+ "Hello moon!\\n"',
    '',
  ])
  t.match(audit.records, [{ command: 'greet', via: 'words' }, {}, {}, {}])
})

test('docs/dialects.md shows the example as it is, but for its comments', (t) => {
  const page = readFileSync(join(dirname(example), '../dialects.md'), 'utf8')
  const [, shown = ''] = /```js\n([^]*?)```/.exec(page) ?? []
  const lines = readFileSync(example, 'utf8').split('\n')
  const code = lines.filter((line) => line !== '' && !/^ *(?:\/\/|\/\*\*)/.test(line)).join('\n')
  t.ok(shown.length > 500)
  t.ok(code.startsWith(shown.trimEnd()))
  t.end()
})

test('an option that a dialect does not take is told in status and log, and the daemon goes on', async (t) => {
  const dialect = join(testFolder(t), 'words-dialect.mjs')
  copyFileSync(example, dialect)
  chmodSync(dialect, 0o644)
  const { mount, logged } = await mountStage(t, { dialect, options: { greeting: 7 } })
  await until(() => mount.status.problem !== undefined)
  t.match(mount.status, { state: 'waiting', problem: 'Cannot use the option "greeting": it is not a text' })
  t.equal(logged.length, 1, 'once, however often it is tried')
})

test('loadDialect() loads no file that others may write to, and nothing that is no dialect', async (t) => {
  const folder = testFolder(t)
  const open = join(folder, 'open')
  mkdirSync(open)
  chmodSync(open, 0o777)
  const file = (name: string, text: string, mode = 0o644): string => {
    const path = join(folder, name)
    writeFileSync(path, text)
    chmodSync(path, mode)
    return path
  }
  const good = 'export const openDialect = () => ({})'
  const inOpen = file('open/x.mjs', good)
  const link = join(folder, 'link.mjs')
  symlinkSync(inOpen, link)
  const nowhere = join(folder, 'nowhere.mjs')
  symlinkSync(join(folder, 'absent.mjs'), nowhere)
  const openFolder = `its folder may be written by others than its owner; chmod go-w it (${open})`
  const cases: readonly (readonly [path: string, code: string, why: string])[] = [
    [join(folder, 'absent.mjs'), 'dialect-refused', 'there is no such file'],
    [nowhere, 'dialect-refused', 'it is a link that leads nowhere'],
    [folder, 'dialect-refused', 'it is not a regular file'],
    [
      file('writable.mjs', good, 0o666),
      'dialect-refused',
      `its file may be written by others than its owner; chmod go-w it (${join(folder, 'writable.mjs')})`,
    ],
    [inOpen, 'dialect-refused', openFolder],
    [link, 'dialect-refused', openFolder],
    [file('broken.mjs', 'export const ='), 'dialect-failed', "Unexpected token '='"],
    [file('throws.mjs', 'throw new Error("not today")'), 'dialect-failed', 'not today'],
    [
      file('other.mjs', 'export const x = 1'),
      'dialect-failed',
      'it exports no function "openDialect"; docs/dialects.md shows one that does',
    ],
  ]
  for (const [path, code, why] of cases)
    await t.rejects(loadDialect(path), {
      name: 'SystemError',
      code,
      message: `Cannot load the dialect "${path}": ${why}`,
    })
  t.type(await loadDialect(file('good.mjs', good)), 'function')
})
