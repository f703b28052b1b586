import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'tap'

const script = join(import.meta.dirname, 'soak.mjs')

test('pnpm soak refuses a time and a seed that are none, and says what it wants', async (t) => {
  for (const args of [['--minutes', 'long'], ['--minutes', '0'], ['--seed', '1.5'], ['--seed=-1']]) {
    const { status, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' })
    t.equal(status, 64, args.join(' '))
    t.equal(stderr, 'Cannot soak: --minutes wants a number above 0, --seed an integer from 0 on\n')
  }
})

test('pnpm soak refuses a number of calls that is none, and one beside a time', async (t) => {
  for (const args of [
    ['--calls', 'many'],
    ['--calls', '10'],
    ['--calls', '5000', '--minutes', '1'],
  ]) {
    const { status, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' })
    t.equal(status, 64, args.join(' '))
    t.equal(stderr, 'Cannot soak: --calls wants an integer from 1000 on, and no --minutes beside it\n')
  }
})
