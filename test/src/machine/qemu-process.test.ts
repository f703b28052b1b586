import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { execPath, kill } from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { test } from 'tap'
import { startQemu } from './qemu-process.js'

const module = JSON.stringify(new URL('./qemu-process.js', import.meta.url).href)

/** A process that starts a long-lived "QEMU", prints its id and stays. */
const starter = `
  import { startQemu } from ${module}
  const { pid } = await startQemu({ qemu: 'sleep', args: ['1000'] })
  console.log(pid)
`

test('startQemu() gives QEMU connected sockets at the promised descriptors', async (t) => {
  const { monitor, console, ended } = await startQemu({
    qemu: 'sh',
    args: ['-c', 'echo mon >&3; head -c 5 <&5 >&5'],
  })
  console.write('hello')
  t.equal(String((await once(monitor, 'data'))[0]), 'mon\n')
  t.equal(String((await once(console, 'data'))[0]), 'hello')
  t.match(await ended, { code: 0, signal: null, stderr: '' })
})

test('startQemu() keeps what QEMU complains of', async (t) => {
  const { ended } = await startQemu({ qemu: 'sh', args: ['-c', 'echo no such machine >&2; exit 1'] })
  t.strictSame(await ended, { code: 1, signal: null, stderr: 'no such machine' })
})

test('kill() ends QEMU, also twice', async (t) => {
  const qemu = await startQemu({ qemu: 'sleep', args: ['1000'] })
  t.match(await qemu.kill(), { signal: 'SIGKILL' })
  t.match(await qemu.kill(), { signal: 'SIGKILL' })
  t.throws(() => kill(qemu.pid, 0), { code: 'ESRCH' })
})

test('QEMU dies with the process that started it, also by SIGKILL', async (t) => {
  const child = spawn(execPath, ['--input-type=module', '-e', starter], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const pid = Number((await once(child.stdout, 'data'))[0])
  t.ok(await isRunning(pid))
  child.kill('SIGKILL')
  await once(child, 'exit')
  // It is not our child, so nothing tells us of its end.
  for (let attempt = 0; attempt < 500 && (await isRunning(pid)); attempt += 1) await setTimeout(10)
  t.notOk(await isRunning(pid))
})

async function isRunning(pid: number): Promise<boolean> {
  const state = /^State:\t(.)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''))?.[1]
  return state !== undefined && state !== 'Z'
}
