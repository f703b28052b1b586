import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { testFolder } from '@negotiator/common/testing'
import { confinementCheck } from './confinement.js'
import { testGuest, testHostScene, uuid } from './test-host-scene.js'

const seconds = 1_442_000_000
const line = (parts: string): string => `type=AVC msg=audit(${seconds}.123:${parts.length}): ${parts}\n`
const apparmor = (profile: string, name: string): string =>
  line(`apparmor="DENIED" operation="mknod" profile="${profile}" name="${name}" pid=7 comm="qemu-system-x86"`)
const selinux = (name: string): string =>
  line(
    `avc:  denied  { create } for  pid=7 comm="qemu-kvm" name="${name}" scontext=system_u:system_r:svirt_t:s0`,
  )

test('a hypervisor that was kept from its socket is told with its guest, and what allows it', async (t) => {
  const machineRoot = testFolder(t)
  mkdirSync(join(machineRoot, 'var/log/audit'), { recursive: true })
  writeFileSync(
    join(machineRoot, 'var/log/audit/audit.log'),
    apparmor(`libvirt-${uuid}`, '/run/guests/web1/a.sock') +
      apparmor('/usr/sbin/cupsd', '/etc/printcap') +
      selinux('negotiator-host-to-guest.0'),
  )
  const scene = await testHostScene(t, { machineRoot, guests: [testGuest()], nowMs: seconds * 1000 })
  t.match(await confinementCheck.look(scene), [
    {
      severity: 'warning',
      code: 'denied-by-system',
      guest: 'web1',
      found: /^AppArmor denied qemu-system-x86 .* to mknod "\/run\/guests\/web1\/a\.sock"$/,
      mend: /^echo '  \/run\/guests\/web1\/\*\* rw,' >> \/etc\/apparmor\.d\/local\/abstractions\/libvirt-qemu\nvirsh shutdown web1/,
    },
    { guest: undefined, found: /^SELinux denied qemu-kvm .* to create/, mend: /^semanage fcontext/ },
  ])
  t.equal((await confinementCheck.look(scene)).length, 2)
  t.same(await confinementCheck.look({ ...scene, nowMs: scene.nowMs + 2 * 3_600_000 }), [])
})
