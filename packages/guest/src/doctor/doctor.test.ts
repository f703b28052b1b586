import { test } from 'tap'
import { systemClock } from '@negotiator/common'
import { examineGuest } from './doctor.js'
import { TestGuest } from './test-guest-scene.js'

test('examineGuest() finds what is wrong in a machine that has nothing', async (t) => {
  const guest = new TestGuest(t)
  const source = { side: 'guest', root: guest.root } as const
  const findings = await examineGuest({
    source,
    machineRoot: guest.root,
    clock: systemClock,
    nowMs: Date.now(),
  })
  t.match(
    findings.filter(({ severity }) => severity === 'error'),
    [
      { check: 'daemon', code: 'daemon-down' },
      { check: 'virtio-serial', code: 'no-virtio-serial' },
    ],
  )
})
