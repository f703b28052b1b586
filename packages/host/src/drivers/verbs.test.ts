import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { checkVerbs } from './check-verbs.js'
import { hookScript } from './libvirt/hook-script.js'

const names: readonly (readonly [kind: string, nameBelow: (root: string) => string])[] = [
  ['libvirt', () => 'libvirt'],
  ['qemu', () => 'qemu'],
  ['folder', (root) => `folder:${join(root, 'run/some/guests')}`],
  ['fake', () => 'fake'],
]

for (const [kind, nameBelow] of names)
  test(`the driver ${kind} keeps the contract of the five verbs`, async (t) => {
    await checkVerbs(t, nameBelow)
  })

test("hookScript() writes what packaging has for libvirt's hooks, and any folder as one word", (t) => {
  const packaged = join(import.meta.dirname, '../../../../packaging/libvirt/hooks/qemu.d/negotiator')
  t.equal(hookScript('/run/negotiator'), readFileSync(packaged, 'utf8'))
  t.match(hookScript('/run/my $(reboot)'), "\nfolder='/run/my $(reboot)'\n")
  t.end()
})
