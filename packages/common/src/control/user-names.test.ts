import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { FakeClock } from '../fake-clock.js'
import { getentCountMax, getentPatienceMs, userNamesKeptMs } from './limits.js'
import { testFolder, writeCommand } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import { UserNames } from './user-names.js'

/** A machine with these files, and a `getent` that runs a script. */
function machine(
  test: Teardown,
  { passwd = '', group = '', getent = 'exit 2' }: { passwd?: string; group?: string; getent?: string },
) {
  const folder = testFolder(test)
  const clock = new FakeClock()
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
  write('passwd', passwd)
  write('group', group)
  const program = writeCommand({ folder, name: 'getent', script: getent })
  return { folder, clock, write, names: new UserNames({ clock, folder, getent: program }) }
}

test('names come from the files', async (t) => {
  const { names } = machine(t, {
    passwd: 'root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/:/bin/sh\n',
    group: 'root:x:0:\nops:x:10:ada,bob\n',
  })
  t.equal(await names.ofUser(1000), 'ada')
  t.same(await names.ofGroups([10, 0]), ['ops', 'root'])
})

test('what the files do not have is asked of getent, in one go', async (t) => {
  const { names } = machine(t, {
    group: 'root:x:0:\n',
    getent: `case "$*" in
      'passwd 5000') echo 'eve@ldap:*:5000:5000::/:/bin/sh' ;;
      'group 10 11') echo 'wheel:*:10:'; exit 2 ;;
      *) exit 1 ;;
    esac`,
  })
  t.equal(await names.ofUser(5000), 'eve@ldap')
  t.same(await names.ofGroups([10, 0, 11]), ['wheel', 'root', '#11'])
})

test('whoever has no name is a number', async (t) => {
  t.equal(await machine(t, {}).names.ofUser(1000), '#1000')
  const { clock, folder } = machine(t, {})
  const names = new UserNames({ clock, folder: join(folder, 'absent'), getent: join(folder, 'absent') })
  t.equal(await names.ofUser(0), '#0', 'also without files and getent')
})

test('a name that is another id is no name: a directory has no second root', async (t) => {
  const { names } = machine(t, {
    passwd:
      'root:x:0:0::/:/bin/sh\nada:x:1000:0::/:/bin/sh\nada:x:1001:0::/:/bin/sh\ntoor:x:0:0::/:/bin/sh\n',
    getent: `echo "root:*:$2:5000::/:/bin/sh"`,
  })
  t.equal(await names.ofUser(5000), '#5000')
  t.equal(await names.ofUser(1001), '#1001')
  t.equal(await names.ofUser(1000), 'ada')
  t.equal(await names.ofUser(0), 'root', 'the first of two names for one id')
})

test('an answer about somebody else is not believed, nor a name that would be a pattern', async (t) => {
  const { names } = machine(t, {
    passwd: '*:x:1:1::/:/bin/sh\n#0:x:2:2::/:/bin/sh\n+::3:::\nbad name:x:4:4::/:\n',
    getent: `echo 'ada:*:1000:1000::/:/bin/sh'`,
  })
  for (const id of [1, 2, 3, 4, 5]) t.equal(await names.ofUser(id), `#${id}`)
})

test('a name is believed for a short while, and then looked up anew', async (t) => {
  const { names, clock, write } = machine(t, { passwd: 'ada:x:1000:1000::/:/bin/sh\n' })
  t.equal(await names.ofUser(1000), 'ada')
  write('passwd', 'eve:x:1000:1000::/:/bin/sh\n')
  await clock.advance(userNamesKeptMs - 1)
  t.equal(await names.ofUser(1000), 'ada')
  await clock.advance(1)
  t.equal(await names.ofUser(1000), 'eve')
})

test('a directory service that fails or hangs is an error, for a rule may deny that name', async (t) => {
  const failing = machine(t, { getent: 'exit 1' }).names
  await t.rejects(failing.ofUser(1000), {
    code: 'name-unknown',
    message: 'Cannot find the name of a user: getent failed',
  })
  const { names: hanging } = machine(t, { passwd: 'root:x:0:0::/:\n', getent: 'exec sleep 60' })
  const beganMs = performance.now()
  const late = t.rejects(hanging.ofGroups([10]), {
    message: 'Cannot find the name of a group: getent took too long',
  })
  t.equal(await hanging.ofUser(0), 'root', 'those of the files do not wait')
  await late
  t.ok(performance.now() - beganMs < getentPatienceMs * 2)
})

test('only so many getent run at once', async (t) => {
  const { names } = machine(t, { getent: 'exec sleep 60' })
  const all = Array.from({ length: getentCountMax + 1 }, async (_, id) => await names.ofUser(id))
  const reasons = (await Promise.allSettled(all)).map((one) =>
    one.status === 'rejected' ? String(one.reason) : '',
  )
  t.equal(reasons.filter((reason) => reason.endsWith('too many are looked up at once')).length, 1)
})
