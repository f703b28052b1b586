import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { accountOf } from './local-account.js'

test('accountOf() knows a user by name and by number, with the groups', async (t) => {
  const root = await accountOf('root')
  t.match(root, { userId: 0, userName: 'root' })
  t.equal(root.groupIds?.[0], 0, 'the primary group first')
  t.equal(root.groupNames.length, root.groupIds?.length)
  t.same(await accountOf('0'), root)
})

/** Somebody whose number is not his group's; every distribution has such a user. */
const [name = '', , userId, groupId] =
  readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([, , user, group]) => user !== group) ?? []
const skip = name === '' && 'here each user has the number of his group'

test('accountOf() has the groups of the user, not the numbers of the users', { skip }, async (t) => {
  const { groupIds, groupNames, ...account } = await accountOf(name)
  t.same([account.userName, account.userId, groupIds?.[0]], [name, Number(userId), Number(groupId)])
  t.equal(groupNames.length, groupIds?.length)
})

test('accountOf() takes whom this machine does not know for a member of no group', async (t) => {
  const nobody = { userId: 2 ** 32 - 1, groupNames: [], groupIds: [] }
  t.same(await accountOf('no-such-user'), { ...nobody, userName: 'no-such-user' })
  t.same(await accountOf('4000000000'), { ...nobody, userName: '#4000000000' })
  t.same(await accountOf('--help'), { ...nobody, userName: '--help' }, 'no option to id')
})

test('accountOf() never guesses when it cannot ask', async (t) => {
  const { PATH } = process.env
  t.teardown(() => void (process.env['PATH'] = PATH))
  process.env['PATH'] = '/nowhere'
  await t.rejects(accountOf('root'), {
    code: 'name-unknown',
    message: 'Cannot look up the user "root": id failed; name the groups, such as user:alice,group:backup',
  })
})
