import { test } from 'tap'
import { checkPath, nodeNameOf } from './path.js'

const rule = 'names are letters, digits, "-", "_" and "@", with one "/" between them'

test('checkPath() lets through what the daemon takes, and tells the rest before it is sent', async (t) => {
  for (const path of ['/', '/local/domain/7/data/host/u-1', 'data/host', '@releaseDomain', '/a_b/C@d'])
    t.equal(checkPath(path), path)
  for (const path of ['', '//', '/a/', '/a//b', '/a b', '/a.b', '/a:b', '/~', '/a\0b', '/é'])
    t.throws(() => checkPath(path), {
      name: 'UsageError',
      code: 'bad-xenstore-path',
      message: `Cannot use "${path}" as a XenStore path: ${rule}`,
    })
})

test('checkPath() refuses a path that is one character too long', async (t) => {
  t.equal(checkPath(`/${'a'.repeat(3071)}`).length, 3072)
  const message = `Cannot use "/${'a'.repeat(99)}" as a XenStore path: it has 3073 characters, at most 3072 are allowed`
  t.throws(() => checkPath(`/${'a'.repeat(3072)}`), { message })
})

test('nodeNameOf() replaces what no name may have', async (t) => {
  t.equal(nodeNameOf('ssh key.1/é-_@Z9'), 'ssh_key_1__-_@Z9')
})
