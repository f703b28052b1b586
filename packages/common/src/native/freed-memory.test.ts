import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'tap'

/** Frees many small buffers below one that lives, waits for it to be given back, and prints how large the process is then. */
const program = (begin: string): string => `
  import { setTimeout as pass } from 'node:timers/promises'
  import { importKoffi } from ${JSON.stringify(join(import.meta.dirname, 'koffi.js'))}
  import { returnFreedMemory } from ${JSON.stringify(join(import.meta.dirname, 'freed-memory.js'))}
  const koffi = await importKoffi()
  ${begin}
  let buffers = Array.from({ length: 60_000 }, () => Buffer.allocUnsafeSlow(1024).fill(1))
  const topmost = buffers.at(-1)
  const fullMib = process.memoryUsage.rss() / 2 ** 20
  buffers = undefined
  for (let round = 0; round < 20; round += 1) {
    gc()
    await pass(100)
  }
  console.log(fullMib - process.memoryUsage.rss() / 2 ** 20, topmost.length)`

const returnedMib = (begin: string): number => {
  const args = ['--expose-gc', '--input-type=module', '--eval', program(begin)]
  return Number.parseFloat(execFileSync(process.execPath, args, { encoding: 'utf8' }))
}

test('returnFreedMemory() gives back what was freed, which the C library keeps without it', (t) => {
  const leanMib = returnedMib('returnFreedMemory(koffi)')
  const usualMib = returnedMib('')
  t.comment(`${leanMib} MiB given back, without it ${usualMib}`)
  t.ok(leanMib > 40)
  t.ok(usualMib < 20)
  t.end()
})
