import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hostToGuest } from '@negotiator/common'
import { test } from 'tap'
import { testFolder } from '@negotiator/common/testing'
import type { Test } from 'tap'
import { channelFoldersCheck } from './channel-folders.js'
import { testGuest, testHostScene } from './test-host-scene.js'

/** A machine on which QEMU has a user of this id, and a domain whose definition names a folder. */
async function look(
  t: Test,
  { folder, userId, conf = '' }: { folder: string; userId: number; conf?: string },
) {
  const machineRoot = testFolder(t)
  mkdirSync(join(machineRoot, 'etc/libvirt'), { recursive: true })
  writeFileSync(join(machineRoot, 'etc/libvirt/qemu.conf'), conf)
  writeFileSync(
    join(machineRoot, 'etc/passwd'),
    `root:x:0:0::/:/bin/sh\nlibvirt-qemu:x:${userId}:4242::/:\nada:x:77:77::/:\n`,
  )
  const definition = {
    defined: [hostToGuest],
    definedSockets: { [hostToGuest]: join(folder, 'web1.h2g') },
    openInGuest: [],
  } as const
  const guests = [testGuest({ state: 'off', sockets: {}, driver: 'libvirt', definition })]
  return await channelFoldersCheck.look(await testHostScene(t, { guests, machineRoot }))
}

test("a folder that is missing, or another user's, is told, until QEMU may write there", async (t) => {
  const folder = join(testFolder(t), 'target')
  t.match(await look(t, { folder, userId: 4711 }), [
    {
      severity: 'error',
      code: 'channel-folder-missing',
      guest: 'web1',
      mend: `mkdir -p ${folder} && chown libvirt-qemu: ${folder}`,
    },
  ])
  mkdirSync(folder, { mode: 0o755 })
  t.match(await look(t, { folder, userId: 4711 }), [
    { code: 'channel-folder-owner', found: /^QEMU runs as libvirt-qemu and may not write to the folder/ },
  ])
  t.same(await look(t, { folder, userId: statSync(folder).uid }), [], 'its own')
  chmodSync(folder, 0o777)
  t.same(await look(t, { folder, userId: 4711 }), [], 'open to all')
})

test("whom libvirt's configuration names counts", async (t) => {
  const folder = join(testFolder(t), 'target')
  mkdirSync(folder, { mode: 0o755 })
  t.match(await look(t, { folder, userId: 4711, conf: '#user = "x"\nuser = "ada"\n' }), [
    { found: /^QEMU runs as ada/, mend: `chown ada: ${folder} && chmod u+rwx ${folder}` },
  ])
  t.same(await look(t, { folder, userId: 4711, conf: 'user = "root"\n' }), [])
})
