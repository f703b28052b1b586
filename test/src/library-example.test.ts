/**
 * The README's library example, run as it stands there, against both daemons joined by sockets.
 * Its greeting is the script that the README drops into the guest.
 */
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { test } from 'tap'
import type { Test } from 'tap'
import { startStandIn } from './demo/guest-stand-in.js'
import { HostProgram } from './machine/host-program.js'
import { tellOnFailure } from './machine/tell-on-failure.js'

const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8')

test('the library example in the README does what it says', { timeout: 60_000 }, async (t) => {
  const host = await startHostWithGuest(t, 'web1')
  const example = onlyMatch(/```ts\n(.*?)```/gs)
  t.match(example, `connect()`)

  const program = example.replace('connect()', `connect(${JSON.stringify({ root: host.root })})`)
  // From standard input, so that its imports are found from here as they would be from a user's own program.
  const { stdout } = await execa(process.execPath, ['--input-type=module'], {
    cwd: import.meta.dirname,
    input: program,
  })

  t.strictSame(stdout.split('\n'), [
    'exited Hello two words, called by host',
    '',
    createHash('sha256').update('some bytes').digest('hex'),
    `{ kind: 'exited', code: 0 }`,
  ])
})

/** Both daemons, and in the guest the script of the README. */
async function startHostWithGuest(t: Test, guestName: string): Promise<HostProgram> {
  const root = await mkdtemp(join(tmpdir(), 'ng-'))
  t.teardown(async () => await rm(root, { recursive: true, force: true }))
  const channels = join(root, 'channels', guestName)
  await mkdir(channels, { recursive: true })
  const guest = await startStandIn({ root: join(root, 'guest'), channels })
  t.teardown(async () => await guest.close())
  await guest.addCommand('greet', onlyMatch(/commands\/greet <<'END'\n(.*?)END\n/gs))
  const host = await HostProgram.start({ root, config: [`drivers = ["folder:${join(root, 'channels')}"]`] })
  t.teardown(async () => await host.stop())
  tellOnFailure(t, () => host.log)
  return host
}

/** What the README has between these marks, which it must have once. */
function onlyMatch(pattern: RegExp): string {
  const found = [...readme.matchAll(pattern)].map((match) => match[1])
  const [only] = found
  if (only === undefined || found.length > 1)
    throw new Error(`The README has ${found.length} times ${pattern}`)
  return only
}
