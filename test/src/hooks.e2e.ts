/**
 * Hooks around a real machine: the host's daemon raises the phases of its life, and before it moves to another QEMU the guest is asked, which
 * has hooks of its own.
 */
import { watch } from 'node:fs'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { consoleSteps, fencedBlocks, plainOutput } from './fenced-blocks.js'
import type { ImageFile } from './machine/image-contents.js'
import { moveMachine } from './machine/move-machine.js'
import { setStage } from './machine/story.js'
import { startVm } from './machine/vm.js'

const hooks = 'etc/negotiator/hooks.d'
const shell = (body: string): string => `#!/bin/sh\n${body}\n`

function guestHook(
  name: string,
  { body, settings }: { body: string; settings?: string },
): readonly ImageFile[] {
  const to = `/${hooks}/${name}`
  const file = { to, content: shell(`echo "$2 $NEGOTIATOR_HOOK" >>/tmp/order; ${body}`), mode: 0o755 }
  return settings === undefined ? [file] : [file, { to: `${to}.toml`, content: settings }]
}

const side = 'parallel = true\ntimeout = "30s"\n'
const guestFiles: readonly ImageFile[] = [
  ...guestHook('before-migration/10-first', { body: 'mkfifo /tmp/fifo; echo fine; echo trouble >&2' }),
  // Each of the two waits for the other.
  ...guestHook('before-migration/20-reads', { body: 'cat /tmp/fifo', settings: side }),
  ...guestHook('before-migration/20-writes', { body: 'echo hello >/tmp/fifo', settings: side }),
  ...guestHook('before-migration/30-slow', {
    body: 'rm /tmp/fifo; exec sleep 61',
    settings: 'timeout = "1s"\n',
  }),
  ...guestHook('before-migration/40-backup', {
    body: '[ ! -e /tmp/backup ] || { echo "the backup is not over"; exit 1; }',
    settings: 'veto = true\n',
  }),
  ...guestHook('before-migration/50-last', { body: 'exit 77' }),
  ...guestHook('after-migration/20-note', { body: 'cat >/tmp/told' }),
  { to: '/usr/lib/negotiator/commands/show', content: shell('cat "/tmp/$1"; rm "/tmp/$1"'), mode: 0o755 },
]

const page = await readFile(join(import.meta.dirname, '../../docs/hooks.md'), 'utf8')
const [shown = { line: '', shown: '' }] = fencedBlocks(page, 'console')
  .filter((block) => block.includes('--in-guest'))
  .flatMap(consoleSteps)

test('hooks around a machine', { timeout: 600_000 }, async (t) => {
  const { host, client, image, guest } = await setStage(t, { guests: ['web1'], guestFiles })
  const vm = guest('web1')
  const life = join(host.root, 'life')
  await mkdir(life)
  /** A hook of the host that leaves a file named for its phase. */
  const addHostHook = async (phase: string): Promise<void> =>
    await host.addFile(
      join(hooks, phase, '20-note'),
      shell(`cat >${life}/.new; mv ${life}/.new ${life}/$2`),
      0o755,
    )
  /** What the host's hook of a phase was told, once it was run. */
  const told = async (phase: string): Promise<unknown> => {
    const changes = watch(life)
    try {
      for (;;) {
        const text = await readFile(join(life, phase), 'utf8').catch(() => undefined)
        if (text !== undefined) return JSON.parse(text) as unknown
        await new Promise((resolve) => changes.once('change', resolve))
      }
    } finally {
      changes.close()
    }
  }
  const show = async (file: string): Promise<string> =>
    (await client.run({ target: 'web1', command: 'show', args: [file] })).stdout.toString()
  const before = ['run', 'before-migration', '--guest', 'web1', '--in-guest'] as const

  await t.test("the guest's hooks are run for the host, in order, with one result each", async (t) => {
    const { status, stdout, stderr } = await host.cli(['run', 'web1', 'lifecycle', 'before-migration'])
    t.equal(stderr, '')
    t.equal(status, 1, 'one of them was not done')
    t.same(plainOutput(stdout).split('\n'), [
      '10-first  done (N ms)',
      '    fine',
      '    trouble',
      '20-reads  done (N ms)',
      '    hello',
      '20-writes  done (N ms)',
      '30-slow  timed-out: it was not over after 1 s, and was ended (N ms)',
      '40-backup  done (N ms)',
      '50-last  skipped: it has nothing to do here (N ms)',
      '6 hooks of before-migration (guest), run UUID',
    ])
    const order = (await show('order')).split('\n')
    t.same(order.slice(1, 3).sort(), ['before-migration 20-reads', 'before-migration 20-writes'])
    t.same(
      [order[0], ...order.slice(3, 6)],
      [
        'before-migration 10-first',
        'before-migration 30-slow',
        'before-migration 40-backup',
        'before-migration 50-last',
      ],
    )
    t.equal((await vm.console.run('pgrep -f "sleep 61"')).stdout, '', 'what took too long was ended')
  })

  await t.test('a hook of the guest says no, and nothing is done on the host', async (t) => {
    await vm.console.run('rm /etc/negotiator/hooks.d/before-migration/30-slow*; touch /tmp/backup')
    await addHostHook('before-migration')
    const { status, stdout } = await host.cli(['hooks', ...before])
    t.equal(status, 3)
    t.comment(stdout)
    // The page shows this very run.
    t.equal(shown.line, ['negotiator-host', 'hooks', ...before].join(' '))
    t.equal(plainOutput(stdout), plainOutput(shown.shown))
    await vm.console.run('rm /tmp/fifo /tmp/backup /tmp/order')
  })

  await t.test('it says yes, the machine moves, and the guest is told that it has', async (t) => {
    t.match(await host.cli(['hooks', ...before]), {
      status: 0,
      stdout: /\n20-note {2}done .*\n2 hooks of before-migration/,
    })
    for (const phase of ['lost', 'connected', 'ready']) await addHostHook(phase)
    const folder = join(host.root, 'channels/web1')
    const target = await startVm({
      image,
      name: 'web1',
      dir: await madeFolder(host.root),
      extraArgs: ['-incoming', 'defer'],
    })
    t.teardown(async () => await target.close())
    await moveMachine({ source: vm, target, uri: `unix:${host.root}/migration.sock` })
    // The host finds the machine where it was. A socket that is renamed goes on listening.
    for (const { name, socketPath } of target.ports) await rename(socketPath, join(folder, `${name}.sock`))
    for (const [phase, state] of [
      ['lost', /^/],
      ['connected', 'silent'],
      ['ready', 'ready'],
    ] as const)
      t.match(await told(phase), { phase, side: 'host', subject: { guest: { name: 'web1' }, state } })
    const failed = ['--subject', '{"failed":false}']
    const after = await host.cli([
      'hooks',
      'run',
      'after-migration',
      '--guest',
      'web1',
      '--in-guest',
      ...failed,
    ])
    t.match(after, { status: 0, stdout: /^in web1 {2}done .*\n {4}20-note {2}done/ })
    t.match(JSON.parse(await show('told')), {
      ...{ phase: 'after-migration', side: 'guest' },
      subject: { failed: false },
    })
    t.match(await show('order'), /before-migration 50-last\nafter-migration 20-note\n$/)
  })
})

async function madeFolder(root: string): Promise<string> {
  const folder = join(root, 'target')
  await mkdir(folder)
  return folder
}
