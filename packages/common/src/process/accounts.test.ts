import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { testFolder, writeCommand } from '../test-folder.js'
import { environmentOf, findAccount } from './accounts.js'
import { systemToolFolders } from './tools.js'

const root = { userName: 'root', userId: 0, groupId: 0, groupIds: [] }

test('findAccount() finds a user by name and by number', async (t) => {
  for (const user of ['root', '0']) t.match(await findAccount({ user }, systemToolFolders), root)
})

test('findAccount() takes groups by name and by number, and those alone', async (t) => {
  const runAs = { user: 'root', group: 'daemon', groups: ['0', 'daemon', 'sys'] }
  t.match(await findAccount(runAs, systemToolFolders), { groupId: 1, groupIds: [0, 1, 3] })
  t.match(await findAccount({ ...runAs, groups: [] }, systemToolFolders), { groupIds: [] })
})

test("findAccount() takes the user's own groups as id tells them", async (t) => {
  const folder = testFolder(t)
  writeCommand({ folder, name: 'id', script: '[ "$*" = "-G -- root" ] && echo "0 27 1000"' })
  t.match(await findAccount({ user: 'root' }, [folder]), { groupId: 0, groupIds: [27, 1000] })
  t.match(await findAccount({ user: 'root', group: '27' }, [folder]), { groupId: 27, groupIds: [1000] })
})

test('findAccount() reads /etc where there is no getent', async (t) => {
  const folder = testFolder(t)
  symlinkSync('/usr/bin/id', join(folder, 'id'))
  for (const user of ['root', '0'])
    t.match(await findAccount({ user, group: 'sys' }, [folder]), { groupId: 3 })
  t.match(await findAccount({ user: 'no-such-user' }, [folder]), { reason: /no-such-user/ })
})

test('findAccount() says who is not known', async (t) => {
  const cases: [Parameters<typeof findAccount>[0], reason: string][] = [
    [{ user: 'no-such-user' }, 'it shall run as the user "no-such-user", who is not known here'],
    [{ user: '4000111222' }, 'it shall run as the user "4000111222", who is not known here'],
    [{ user: '' }, 'it shall run as the user "", who is not known here'],
    [{ user: '--help' }, 'it shall run as the user "--help", who is not known here'],
    [{ user: 'root', group: 'no-such' }, 'it shall run in the group "no-such", which is not known here'],
    [{ user: 'root', groups: ['sys', '-1'] }, 'it shall run in the group "-1", which is not known here'],
  ]
  for (const [runAs, reason] of cases) t.same(await findAccount(runAs, systemToolFolders), { reason })
  t.same(await findAccount({ user: 'root' }, []), { reason: 'the groups of the user "root" cannot be read' })
})

test('environmentOf() names the user, its home and its shell', (t) => {
  const account = { ...root, home: '/root', shell: '/bin/bash' }
  t.same(environmentOf(account), { HOME: '/root', USER: 'root', LOGNAME: 'root', SHELL: '/bin/bash' })
  t.end()
})
