import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { testFolder, writeCommand } from '@negotiator/common/testing'
import type { Teardown } from '@negotiator/common/testing'
import { test } from 'tap'
import { whileLocked } from './lock.js'

test('whileLocked() does one thing after another, and lets go when one fails', async (t) => {
  const path = join(testFolder(t), 'lock')
  const seen: string[] = []
  const act = async (name: string): Promise<void> => {
    seen.push(`${name} begins`)
    await new Promise((resolve) => setImmediate(resolve))
    seen.push(`${name} ends`)
    if (name === 'a') throw new Error('a failed')
  }
  const all = ['a', 'b', 'c'].map(async (name) => await whileLocked(path, async () => await act(name)))
  await Promise.allSettled(all)
  t.equal(seen.length, 6)
  for (const [index, line] of seen.entries())
    if (index % 2 === 1) t.equal(line, seen[index - 1]?.replace('begins', 'ends'))
})

test('whileLocked() has the lock of a program that was killed', async (t) => {
  const path = join(testFolder(t), 'lock')
  const code = `import { whileLocked } from ${JSON.stringify(import.meta.resolve('./lock.js'))}
    await whileLocked(${JSON.stringify(path)}, async () => { console.log('locked'); await new Promise(() => setInterval(() => {}, 1e6)) })`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  holder.kill('SIGKILL')
  t.equal(await whileLocked(path, async () => await Promise.resolve('had')), 'had')
})

test('whileLocked() tells that the lock cannot be had', async (t) => {
  const path = join(testFolder(t), 'nowhere/lock')
  await t.rejects(
    whileLocked(path, async () => await Promise.resolve()),
    {
      message: `Cannot lock "${path}": flock ended with 66; nothing was changed`,
    },
  )
})

/** Programs are looked for in one folder alone. @returns the folder */
function onlyProgramsOf(t: Teardown): string {
  const before = process.env['PATH']
  t.teardown(() => (process.env['PATH'] = before))
  return (process.env['PATH'] = testFolder(t))
}

test('whileLocked() tells what is missing on a machine without flock', async (t) => {
  const path = join(onlyProgramsOf(t), 'lock')
  const locking = whileLocked(path, async () => await Promise.resolve())
  await t.rejects(locking, {
    code: 'cannot-lock',
    message: `Cannot lock "${path}": cannot start flock, which util-linux has (spawn flock ENOENT); nothing was changed`,
  })
})

test('whileLocked() waits for another program for a while, and then tells where to look', async (t) => {
  const folder = onlyProgramsOf(t)
  // As the real one ends when its time is over.
  writeCommand({ folder, name: 'flock', script: '[ "$1 $2" = "--wait 10" ] && exit 1; exit 64' })
  const path = join(folder, 'lock')
  const locking = whileLocked(path, async () => await Promise.resolve())
  await t.rejects(locking, {
    code: 'store-busy',
    message: `Cannot change the managed guests: another program has been changing them for 10 s; try again, or see who holds "${path}"`,
  })
})
