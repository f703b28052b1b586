import { testStatus } from '@negotiator/common/testing'
import { test } from 'tap'
import { confinementCheck } from './confinement.js'
import { TestGuest } from './test-guest-scene.js'

const seconds = 1_442_000_000
const denied = (serial: number, parts: string): string =>
  `type=AVC msg=audit(${seconds}.123:${serial}): avc:  denied  { execute } for  pid=7 ${parts} permissive=0\n`

test('what SELinux denied the daemon, its ports or its commands is told', async (t) => {
  const guest = new TestGuest(t)
  const context = 'system_u:system_r:agent_t:s0'
  guest.write('sys/fs/selinux/enforce', '1')
  guest.write(`proc/${process.pid}/attr/current`, `${context}\0`)
  guest.write(
    'var/log/audit/audit.log',
    denied(1, `comm="find-disk-usage" name="df" scontext=${context}`) +
      denied(2, 'comm="cupsd" name="printcap" scontext=system_u:system_r:cupsd_t:s0') +
      denied(3, 'comm="node" path="/dev/vport0p1" scontext=system_u:system_r:init_t:s0'),
  )
  const daemon = { kind: 'answers', status: testStatus() } as const
  const look = async (hoursLater: number) =>
    await confinementCheck.look(await guest.scene({ daemon }, (seconds + hoursLater * 3600) * 1000))
  t.match(await look(0), [
    {
      severity: 'warning',
      code: 'denied-by-system',
      found: `SELinux denied find-disk-usage ("${context}") to execute "df"`,
      mend: /^Read why: ausearch/,
    },
    { found: /"\/dev\/vport0p1"$/ },
  ])
  t.equal((await look(0)).length, 2)
  t.match(await look(2), [{ severity: 'ok', found: /^SELinux is enforcing, and no denial/ }])
})

test("what AppArmor denied is told with the profile's name", async (t) => {
  const guest = new TestGuest(t)
  guest.write(
    'var/log/kern.log',
    `kernel: audit: type=1400 audit(${seconds}.1:7): apparmor="DENIED" operation="exec" profile="negotiator-guest" name="/usr/bin/df" comm="node"\n`,
  )
  t.match(await confinementCheck.look(await guest.scene({}, seconds * 1000)), [
    { found: /^AppArmor denied node \("negotiator-guest"\) to exec/, mend: /the profile "negotiator-guest"/ },
  ])
})

test('a machine without either has nothing to tell', async (t) => {
  const guest = new TestGuest(t)
  guest.write('var/log/syslog', 'nothing\n')
  t.same(await confinementCheck.look(await guest.scene()), [])
})
