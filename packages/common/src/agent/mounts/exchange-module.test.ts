import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { test } from 'tap'
import type { Teardown } from '../../test-folder.js'
import { testFolder, writeCommand } from '../../test-folder.js'
import { loadExchange } from './dialect-module.js'
import { mountStage } from './test-mounts.js'
import type { MountPeer } from './test-mounts.js'

const examples = join(import.meta.dirname, '../../../../../docs/examples')

/** Copies of the two examples, for a checkout may be writable for others. */
function copies(t: Teardown): { readonly dialect: string; readonly exchange: string } {
  const folder = testFolder(t)
  const copy = (name: string): string => {
    const path = join(folder, name)
    copyFileSync(join(examples, name), path)
    chmodSync(path, 0o644)
    return path
  }
  return { dialect: copy('words-dialect.mjs'), exchange: copy('blocks-exchange.mjs') }
}

function block(text: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(Buffer.byteLength(text))
  return Buffer.concat([length, Buffer.from(text)])
}

function textsIn(blocks: Buffer): readonly string[] {
  if (blocks.length === 0) return []
  const end = 4 + blocks.readUInt32BE()
  return [blocks.toString('utf8', 4, end), ...textsIn(blocks.subarray(end))]
}

async function heard({ end }: MountPeer, count: number): Promise<readonly string[]> {
  await end.until(() => {
    const { received } = end
    let [texts, at] = [0, 0]
    for (; at + 4 <= received.length; at += 4 + received.readUInt32BE(at)) texts += 1
    return texts >= count && at === received.length
  })
  return textsIn(end.received)
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setTimeout(5)
}

test('the exchange of docs/dialects.md carries a dialect, by way of policy, registry and audit', async (t) => {
  const { folder, attach, audit, mount } = await mountStage(t, copies(t))
  writeCommand({ folder, name: 'greet', script: 'echo "Hello $1!"' })
  const peer = attach()
  const asked = Buffer.concat([block('greet world'), block('nosuch'), block('greet\nlines'), block('help')])
  for (const byte of asked) peer.channel.write(Buffer.of(byte))
  t.same(await heard(peer, 5), [
    'ready',
    '+ "Hello world!\\n"',
    '- unknown-command: there is no command of this name',
    '- unknown-command: there is no command of this name',
    '+ a command and its arguments',
  ])
  t.match(audit.records[0], { command: 'greet', via: 'words', caller: { name: 'host' } })
  t.match(mount.status, { state: 'connected', exchange: /blocks-exchange\.mjs$/, problem: undefined })
})

test('it is opened anew for whoever comes next, also behind one who says what cannot be', async (t) => {
  const { attach, mount } = await mountStage(t, copies(t))
  const first = attach()
  await heard(first, 1)
  first.channel.write(Buffer.of(0xff, 0xff, 0xff, 0xff))
  await first.end.until(() => first.end.closedCount > 0)
  const second = attach()
  second.channel.write(block('help'))
  t.same(await heard(second, 2), ['ready', '+ a command and its arguments'])
  await mount.close()
  await second.end.until(() => second.end.closedCount > 0)
})

test('docs/dialects.md shows the exchange as it is, but for its comments', (t) => {
  const page = readFileSync(join(dirname(examples), 'dialects.md'), 'utf8')
  const [, shown = ''] = [...page.matchAll(/```js\n([^]*?)```/g)].map(([, text]) => text)
  const lines = readFileSync(join(examples, 'blocks-exchange.mjs'), 'utf8').split('\n')
  const code = (text: readonly string[]): string =>
    text.filter((line) => line !== '' && !/^ *(?:\/\/|\/\*\*)/.test(line)).join('\n')
  t.ok(shown.length > 500)
  t.equal(code(shown.split('\n')), code(lines))
  t.end()
})

function moduleOf(t: Teardown, text: string): string {
  const path = join(testFolder(t), 'x.mjs')
  writeFileSync(path, text, { mode: 0o644 })
  chmodSync(path, 0o644)
  return path
}

test('loadExchange() loads no file that others may write to, and nothing that is no exchange', async (t) => {
  const writable = moduleOf(t, 'export const openExchange = () => ({})')
  chmodSync(writable, 0o666)
  const dialect = moduleOf(t, 'export const openDialect = () => ({})')
  const cases: readonly (readonly [path: string, code: string, why: string])[] = [
    ['/nowhere/x.mjs', 'exchange-refused', 'there is no such file'],
    [
      writable,
      'exchange-refused',
      `its file may be written by others than its owner; chmod go-w it (${writable})`,
    ],
    [
      dialect,
      'exchange-failed',
      'it exports no function "openExchange"; docs/dialects.md shows one that does',
    ],
  ]
  for (const [path, code, why] of cases)
    await t.rejects(loadExchange(path), {
      name: 'SystemError',
      code,
      message: `Cannot load the exchange "${path}": ${why}`,
    })
})

test('an exchange that lacks something is told in status and log, and the daemon goes on', async (t) => {
  const whole = 'start() {}, reply() {}, push() {}, close() {}'
  const cases: readonly (readonly [opened: string, missing: string])[] = [
    ['undefined', 'start'],
    ['{ start() {} }', 'reply'],
    [`{ ${whole}, ended: true }`, 'ended'],
  ]
  for (const [opened, missing] of cases) {
    const exchange = moduleOf(t, `export const openExchange = () => (${opened})`)
    const { mount, logged } = await mountStage(t, { exchange })
    await until(() => mount.status.problem !== undefined)
    const problem = `Cannot load the exchange "${exchange}": what it opens has no "${missing}"; docs/dialects.md shows one that has`
    t.match(mount.status, { state: 'waiting', problem })
    t.equal(logged.length, 1, 'once, however often it is tried')
  }
})

test('an exchange that fails at an answer loses that answer, and the log tells', async (t) => {
  const exchange = moduleOf(
    t,
    `export const openExchange = () => {
      const asked = Buffer.from('{"operation":"echo"}')
      let end
      return {
        ended: new Promise((resolve) => (end = resolve)),
        start: (receive) => receive({ id: 1, body: asked }),
        reply() { throw new Error('not today') },
        push: () => false,
        close: () => end(),
      }
    }`,
  )
  const { mount, logged } = await mountStage(t, { exchange })
  await until(() => logged.length > 0)
  t.match(logged, [/An exchange failed; an answer is lost dialect="appmonitor" reason="not today"/])
  t.equal(mount.status.state, 'connected')
})
