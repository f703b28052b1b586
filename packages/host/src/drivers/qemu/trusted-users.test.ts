import { join } from 'node:path'
import { chownSync, writeFileSync } from 'node:fs'
import { test } from 'tap'
import { silentLog } from '@negotiator/common'
import { testFolder } from '@negotiator/common/testing'
import { madeUp, writeProcess } from './test-processes.js'
import { trustedUsers } from './trusted-users.js'

test('trustedUsers() names root, us and the users of libvirt, and nobody else', async (t) => {
  const passwd = join(testFolder(t), 'passwd')
  writeFileSync(
    passwd,
    'root:x:0:0::/root:/bin/sh\nlibvirt-qemu:x:64055:105::/:/bin/false\nalice:x:1000:1000::/home/alice:/bin/sh\nqemu:x:107:107::/:/bin/false\n',
  )
  const users = await trustedUsers(passwd)
  t.strictSame(
    [...users].sort((one, other) => one - other),
    [...new Set([0, process.geteuid?.() ?? 0, 107, 64055])].sort((one, other) => one - other),
  )
})

test('trustedUsers() does without a list of users', async (t) => {
  t.ok((await trustedUsers('/nowhere')).has(0))
})

test('the qemu driver leaves the processes of other users alone, and says so once', async (t) => {
  if (process.geteuid?.() !== 0) {
    t.pass('only root can make a process look like another user')
    return
  }
  const warnings: string[] = []
  const log = { ...silentLog, warn: (sentence: string) => void warnings.push(sentence) }
  const { driver, procFolder } = madeUp(t, { log })
  writeProcess({ procFolder, id: 7, argv: ['qemu-system-x86_64', '-name', 'ours'] })
  writeProcess({ procFolder, id: 8, argv: ['qemu-system-x86_64', '-name', 'impostor'] })
  chownSync(join(procFolder, '8'), 1000, 1000)
  const names = async (): Promise<string[]> =>
    (await driver.list(AbortSignal.timeout(5_000))).map(({ name }) => name)
  t.strictSame(await names(), ['ours'])
  t.strictSame(await names(), ['ours'])
  t.strictSame(warnings, [
    "A QEMU process is left alone, for its user is neither root nor ours nor libvirt's",
  ])
})
