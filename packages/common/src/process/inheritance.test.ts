import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'tap'
import { testFolder, writeCommand } from '../test-folder.js'
import { finished } from './test-processes.js'

const environment = { PATH: '/usr/bin:/bin' }

/** What whoever started this process has left open for all that it starts; Node opens nothing in such a way. */
function givenDescriptors(): string[] {
  return readdirSync('/proc/self/fd').filter((name) => {
    const path = `/proc/self/fdinfo/${name}`
    return Number(name) > 2 && existsSync(path) && !isClosedOnExec(readFileSync(path, 'utf8'))
  })
}

function isClosedOnExec(information: string): boolean {
  const flags = Number.parseInt(/^flags:\t([0-7]+)$/m.exec(information)?.[1] ?? '0', 8)
  return (flags & 0o2000000) !== 0
}

test("a command inherits none of the daemon's descriptors", async (t) => {
  const given = givenDescriptors()
  const folder = testFolder(t)
  const file = openSync(join(folder, 'secret'), 'w')
  const server = createServer().listen(join(folder, 'socket'))
  t.teardown(() => {
    closeSync(file)
    server.close()
  })
  const path = writeCommand({ folder, name: 'list-descriptors', script: 'cd /proc/self/fd && exec ls -1' })
  for (const restrictions of [{}, { nice: 1, memoryBytesMax: 2 ** 30 }]) {
    const { stdout } = await finished({ path, environment, ...restrictions })
    const descriptors = stdout
      .trim()
      .split('\n')
      .filter((name) => !given.includes(name))
    t.same(descriptors, ['0', '1', '2', '3'], '3 is the folder that ls reads')
  }
})

test("a command's umask is 022, whatever the daemon's", async (t) => {
  const path = writeCommand({ folder: testFolder(t), name: 'print-umask', script: 'umask' })
  for (const mask of [0o077, 0o000]) {
    const before = process.umask(mask)
    t.teardown(() => process.umask(before))
    t.match((await finished({ path, environment })).stdout, /^0*022\n$/)
    t.match(readFileSync('/proc/self/status', 'utf8'), `Umask:\t0${mask.toString(8).padStart(3, '0')}`)
    process.umask(before)
  }
})
