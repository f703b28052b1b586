import { chmodSync, chownSync, lchownSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { otherUuid, testUuid } from '../test-definition.js'
import { GuestStore } from './guest-store.js'
import { storeWithGuest, valuesOf } from './test-store.js'

const openings: readonly (readonly [path: string, sentence: RegExp])[] = [
  [
    'guests',
    /^Cannot use the managed guests in "(.*)": their folder may be written by others than its owner; chmod go-w it \("\1"\)$/,
  ],
  [
    '.',
    /^Cannot use the managed guests in "(.*)\/guests": its folder may be written by others than its owner; chmod go-w it \("\1"\)$/,
  ],
]
for (const [path, sentence] of openings)
  test(`GuestStore uses no folder when others may write to "${path}"`, async (t) => {
    const { store, folder } = await storeWithGuest(t)
    chmodSync(join(folder, '..', path), 0o775)
    const refused = { code: 'store-unsafe', message: sentence }
    await t.rejects(store.read(), refused)
    await t.rejects(store.find('web1'), refused)
    await t.rejects(store.put({ values: valuesOf({ vcpus: 2 }) }), refused)
    await t.rejects(store.put({ values: valuesOf({ vcpus: 2 }), isDryRun: true }), refused)
    await t.rejects(store.undo('web1', { isDryRun: false }), refused)
    await t.rejects(store.remove(testUuid), refused)
    chmodSync(join(folder, '..', path), 0o700)
    t.match(await store.find('web1'), { revision: 1 })
  })

const noRoot = process.geteuid?.() === 0 ? false : 'only root can give a file away'
test(
  'GuestStore uses no folder that another user owns, or that a link of theirs leads to',
  { skip: noRoot },
  async (t) => {
    const { store, folder } = await storeWithGuest(t)
    chownSync(folder, 65_534, 65_534)
    await t.rejects(store.read(), {
      message:
        /: their folder is owned by user 65534, neither root nor the user that the daemon runs as; chown it to root/,
    })
    chownSync(folder, 0, 0)
    const link = join(folder, '../link')
    symlinkSync(folder, link)
    lchownSync(link, 65_534, 65_534)
    await t.rejects(new GuestStore(link).read(), {
      message: /: a link on the way to it is owned by user 65534/,
    })
  },
)

test('GuestStore tells of a definition that others may write, leaves it where it is, and reads the others', async (t) => {
  const { store, folder, file } = await storeWithGuest(t)
  await store.put({ values: valuesOf({ uuid: otherUuid, name: 'db1' }) })
  for (const path of [file, join(folder, testUuid)]) {
    const { mode } = statSync(path)
    chmodSync(path, 0o777)
    const { guests, faults } = await store.read()
    t.match(guests, [{ values: { name: 'db1' } }])
    t.match(faults, [
      {
        uuid: testUuid,
        sentence:
          /^Cannot use the definition ".*\/definition.json": its f.* may be written by others than its owner; chmod go-w it/,
      },
    ])
    chmodSync(path, mode)
  }
  t.match(await store.find('web1'), { revision: 1 })
})
