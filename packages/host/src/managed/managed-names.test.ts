import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testFolder } from '@negotiator/common/testing'
import { test } from 'tap'
import { managedNames } from './managed-names.js'
import { GuestStore } from './store/guest-store.js'
import { valuesOf } from './store/test-store.js'
import { testUuid } from './test-definition.js'

test('managedNames() tells what a guest is called now, and nothing of one that cannot be read or is gone', async (t) => {
  const folder = join(testFolder(t), 'guests')
  const nameOf = managedNames(folder)
  t.equal(await nameOf(testUuid), undefined)
  const store = new GuestStore(folder)
  await store.put({ values: valuesOf() })
  t.equal(await nameOf(testUuid), 'web1')
  t.equal(await nameOf(testUuid), 'web1')
  await store.put({ values: valuesOf({ name: 'web2' }) })
  t.equal(await nameOf(testUuid), 'web2')
  writeFileSync(join(folder, testUuid, 'definition.json'), 'no definition')
  t.equal(await nameOf(testUuid), undefined)
  await store.undo(testUuid, { isDryRun: false })
  t.equal(await nameOf(testUuid), 'web1')
  await store.remove(testUuid)
  t.equal(await nameOf(testUuid), undefined)
})
