import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { test } from 'tap'
import { createLog } from '@negotiator/common'
import type { Log } from '@negotiator/common'
import { FakeClock } from '@negotiator/common/testing'
import { openReadiness } from './open-readiness.js'

const childTimeoutMs = 20_000

/** Stands for a machine for which koffi has no build. */
const withoutKoffi = `
  export async function resolve(specifier, context, next) {
    if (specifier === 'koffi') throw new Error('Cannot find the native Koffi module')
    return await next(specifier, context)
  }`

function moduleUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`
}

test('openReadiness() waits for events where koffi loads, and says nothing', async (t) => {
  const lines: string[] = []
  const log: Log = createLog({ level: 'debug', format: 'text', write: (line) => void lines.push(line) })
  const clock = new FakeClock()
  const readiness = await openReadiness({ clock, log })
  t.throws(() => readiness.watch(-1, () => false), 'events come from the kernel, which knows its descriptors')
  readiness.close()
  t.equal(clock.timerCount, 0)
  t.same(lines, [])
})

test('openReadiness() looks on a timer where koffi does not load, and says so once', async (t) => {
  const registration = `
    import { register } from 'node:module'
    register(${JSON.stringify(moduleUrl(withoutKoffi))})`
  const program = `
    import { createLog, systemClock } from ${JSON.stringify(import.meta.resolve('@negotiator/common'))}
    import { openReadiness } from ${JSON.stringify(new URL('open-readiness.js', import.meta.url).href)}
    const log = createLog({ level: 'debug', format: 'text', write: (line) => process.stdout.write(line) })
    const readiness = await openReadiness({ clock: systemClock, log })
    let looks = 0
    readiness.watch(-1, () => {
      looks += 1
      if (looks === 3) readiness.close()
      return true
    })
    process.on('exit', () => console.log(looks))`
  const args = ['--import', moduleUrl(registration), '--input-type=module', '-e', program]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: childTimeoutMs })
  t.equal(
    stdout,
    'warn  Cannot wait for the virtio ports, so they are looked at on a timer, which is slower ' +
      'reason="Cannot find the native Koffi module"\n3\n',
  )
})
