import { execFile, execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import { importKoffi } from '@negotiator/common'
import { testFolder } from '@negotiator/common/testing'
import type { Test } from 'tap'
import { openEpollReadiness } from './epoll-readiness.js'
import type { Readiness } from './readiness.js'

const childTimeoutMs = 20_000

/** A named pipe, open for both ways as a port is. */
function openPipe(t: Test): number {
  const path = join(testFolder(t), 'pipe')
  execFileSync('mkfifo', [path])
  const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  t.teardown(() => closeSync(descriptor))
  return descriptor
}

async function open(t: Test): Promise<Readiness> {
  const readiness = openEpollReadiness(await importKoffi())
  t.teardown(() => readiness.close())
  return readiness
}

/** Watches a pipe and counts how often it is told of. */
class WatchedPipe {
  readonly descriptor: number
  readonly unwatch: () => void
  count = 0
  onTold: () => void = () => undefined
  #wake: () => void = () => undefined

  constructor(t: Test, readiness: Readiness) {
    this.descriptor = openPipe(t)
    this.unwatch = readiness.watch(this.descriptor, () => {
      this.count += 1
      this.onTold()
      this.#wake()
      return false
    })
  }

  async told(times: number): Promise<void> {
    while (this.count < times) await new Promise<void>((resolve) => (this.#wake = resolve))
  }
}

/** Once a later event has been told, so has every one before it. */
async function allTold(t: Test, readiness: Readiness): Promise<void> {
  const last = new WatchedPipe(t, readiness)
  await last.told(1)
  writeSync(last.descriptor, 'x')
  await last.told(2)
  last.unwatch()
}

test('a port is told of at first, for it can be written to', async (t) => {
  await new WatchedPipe(t, await open(t)).told(1)
})

test('a port is told of when bytes arrive, and then only when more do', async (t) => {
  const readiness = await open(t)
  const pipe = new WatchedPipe(t, readiness)
  await pipe.told(1)
  writeSync(pipe.descriptor, 'one')
  await pipe.told(2)
  await allTold(t, readiness)
  t.equal(pipe.count, 2, 'what lies unread is no news')
  writeSync(pipe.descriptor, 'two')
  await pipe.told(3)
})

test('a port is told of when there is room to write again', async (t) => {
  const readiness = await open(t)
  const pipe = new WatchedPipe(t, readiness)
  await pipe.told(1)
  writeSync(pipe.descriptor, Buffer.alloc(64 * 1024))
  await pipe.told(2)
  await allTold(t, readiness)
  const before = pipe.count
  readSync(pipe.descriptor, Buffer.alloc(64 * 1024))
  await pipe.told(before + 1)
})

test('more ports than fit into one wake-up are all told of', async (t) => {
  const readiness = await open(t)
  const pipes = Array.from({ length: 40 }, () => new WatchedPipe(t, readiness))
  await Promise.all(pipes.map(async (pipe) => await pipe.told(1)))
  for (const { descriptor } of pipes) writeSync(descriptor, 'x')
  await Promise.all(pipes.map(async (pipe) => await pipe.told(2)))
})

test('a port is not told of any more once its watch has ended', async (t) => {
  const readiness = await open(t)
  const pipe = new WatchedPipe(t, readiness)
  await pipe.told(1)
  pipe.unwatch()
  pipe.unwatch()
  writeSync(pipe.descriptor, 'x')
  await allTold(t, readiness)
  t.equal(pipe.count, 1)
})

test('a watch that another port ends in the same wake-up tells nothing', async (t) => {
  const readiness = await open(t)
  const [one, other] = [new WatchedPipe(t, readiness), new WatchedPipe(t, readiness)]
  one.onTold = () => other.unwatch()
  other.onTold = () => one.unwatch()
  await Promise.race([one.told(1), other.told(1)])
  await allTold(t, readiness)
  t.equal(one.count + other.count, 1)
})

test('a port can be watched again', async (t) => {
  const readiness = await open(t)
  const pipe = new WatchedPipe(t, readiness)
  await pipe.told(1)
  pipe.unwatch()
  await new Promise<void>((resolve) => {
    readiness.watch(pipe.descriptor, () => {
      resolve()
      return false
    })
  })
})

test('watch() throws for what the kernel cannot watch', async (t) => {
  const readiness = await open(t)
  const file = openSync(join(testFolder(t), 'file'), 'w')
  t.teardown(() => closeSync(file))
  t.throws(() => readiness.watch(file, () => false), { message: 'epoll_ctl failed' })
})

test('close() ends all watches and is final', async (t) => {
  const readiness = openEpollReadiness(await importKoffi())
  const pipe = new WatchedPipe(t, readiness)
  await pipe.told(1)
  readiness.close()
  readiness.close()
  pipe.unwatch()
  writeSync(pipe.descriptor, 'x')
  await allTold(t, await open(t))
  t.equal(pipe.count, 1)
})

test('close() lets the process end by itself, also with a port that is watched', async (t) => {
  const path = join(testFolder(t), 'pipe')
  execFileSync('mkfifo', [path])
  const program = `
    import { constants, openSync } from 'node:fs'
    import { openEpollReadiness } from ${JSON.stringify(new URL('epoll-readiness.js', import.meta.url).href)}
    import { importKoffi } from ${JSON.stringify(import.meta.resolve('@negotiator/common'))}
    const readiness = openEpollReadiness(await importKoffi())
    readiness.watch(openSync(process.argv[1], constants.O_RDWR | constants.O_NONBLOCK), () => {
      console.log('told')
      readiness.close()
    })`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', program, path],
    {
      timeout: childTimeoutMs,
    },
  )
  t.equal(stdout, 'told\n')
})

test('isQuiet() says whether a read would say EAGAIN, and no of an end and of what is no descriptor', async (t) => {
  const readiness = await open(t)
  const pipe = openPipe(t)
  t.equal(readiness.isQuiet(pipe), true)
  writeSync(pipe, 'x')
  t.equal(readiness.isQuiet(pipe), false)
  readSync(pipe, Buffer.alloc(1))
  t.equal(readiness.isQuiet(pipe), true)

  const file = openSync('/dev/null', constants.O_RDWR)
  t.equal(readiness.isQuiet(file), false, 'its end can be read')
  closeSync(file)
  t.equal(readiness.isQuiet(file), false, 'it is no descriptor any more')
})
