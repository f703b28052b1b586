import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'tap'
import { testFolder, writeCommand } from '../test-folder.js'
import { readDenials, sentenceOfDenial } from './denials.js'

const socket = '/var/lib/libvirt/qemu/channel/target/domain-1-web1/negotiator-host-to-guest.0'
/** As the kernel writes them; the times are those of the lines. */
const nowMs = 1_442_000_100_000
const apparmor = `type=1400 audit(1442000000.123:42): apparmor="DENIED" operation="mknod" profile="libvirt-6d1f" name="${socket}" pid=7 comm="qemu-system-x86" requested_mask="c" denied_mask="c" fsuid=107 ouid=107`
const selinux = `type=AVC msg=audit(1442000050.500:43): avc:  denied  { read write } for  pid=9 comm="find-disk-usage" path="/dev/vport0p1" dev="devtmpfs" ino=7 scontext=system_u:system_r:negotiator_t:s0 tcontext=system_u:object_r:virtio_device_t:s0 tclass=chr_file permissive=0`

function machine(t: Parameters<typeof testFolder>[0], files: Readonly<Record<string, string>>): string {
  const root = testFolder(t)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

test('readDenials() reads those of AppArmor and of SELinux, each once', async (t) => {
  const machineRoot = machine(t, {
    'var/log/audit/audit.log': `${selinux}\n`,
    'var/log/kern.log': `Sep 11 19:33:20 host kernel: [1.5] audit: ${apparmor}\nSep 11 host kernel: eth0 up\n`,
    'var/log/syslog': `Sep 11 19:33:20 host kernel: [1.5] audit: ${apparmor}\n`,
  })
  const denials = await readDenials({ machineRoot, nowMs })
  t.same(denials.map(sentenceOfDenial), [
    'SELinux denied find-disk-usage ("system_u:system_r:negotiator_t:s0") to read write "/dev/vport0p1"',
    `AppArmor denied qemu-system-x86 ("libvirt-6d1f") to mknod "${socket}"`,
  ])
})

test('readDenials() leaves out what is older than an hour, and what was allowed', async (t) => {
  const machineRoot = machine(t, {
    'var/log/audit/audit.log': [
      apparmor,
      apparmor.replace('DENIED', 'ALLOWED').replace(':42', ':44'),
      selinux.replace('permissive=0', 'permissive=1'),
    ].join('\n'),
  })
  t.equal((await readDenials({ machineRoot, nowMs })).length, 1)
  t.same(await readDenials({ machineRoot, nowMs: nowMs + 60 * 60 * 1000 }), [])
})

test('readDenials() reads names that the kernel has written in digits, and does without', async (t) => {
  const name = Buffer.from('/tmp/two words').toString('hex').toUpperCase()
  const machineRoot = machine(t, {
    'var/log/messages': `${apparmor.replace(`"${socket}"`, name)}\n${selinux.replace(/ (comm|path|scontext)=\S+/g, '')}`,
  })
  t.same((await readDenials({ machineRoot, nowMs })).map(sentenceOfDenial), [
    'AppArmor denied qemu-system-x86 ("libvirt-6d1f") to mknod "/tmp/two words"',
    'SELinux denied a program ("unknown") to read write',
  ])
})

test('readDenials() asks the journal where there are no log files', async (t) => {
  const machineRoot = testFolder(t)
  const journal = writeCommand({
    folder: testFolder(t),
    name: 'journalctl',
    script: `cat <<'END'\n${selinux}\nEND`,
  })
  t.match(await readDenials({ machineRoot, nowMs, journal }), [{ by: 'SELinux', program: 'find-disk-usage' }])
  t.same(await readDenials({ machineRoot, nowMs, journal: '/nowhere/journalctl' }), [])
})
