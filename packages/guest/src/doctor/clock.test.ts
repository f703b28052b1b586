import { test } from 'tap'
import type { Test } from 'tap'
import { clockCheck } from './clock.js'
import { TestGuest } from './test-guest-scene.js'

const nowMs = Date.UTC(2026, 5, 1, 12)

/** A machine whose hardware clock is so many seconds behind its own. */
async function look(t: Test, behindSeconds: number) {
  const guest = new TestGuest(t)
  guest.write('sys/class/rtc/rtc0/since_epoch', `${nowMs / 1000 - behindSeconds}\n`)
  return await clockCheck.look(await guest.scene({}, nowMs))
}

test('a clock that goes with the hardware is well, in local time, too', async (t) => {
  for (const seconds of [0, 20, -20, 7200, -19_800, 7195])
    t.match(await look(t, seconds), [{ severity: 'ok' }])
})

test('a clock that is off is told by how much', async (t) => {
  t.match(await look(t, 400), [
    {
      severity: 'warning',
      code: 'clock-off',
      found: /2026-06-01T12:00:00\.000Z.* are 400 seconds apart$/,
      mend: /^hwclock --hctosys/,
    },
  ])
  t.match(await look(t, 3 * 24 * 3600), [{ code: 'clock-off' }])
})

test('a clock from before 2020 is told', async (t) => {
  const scene = await new TestGuest(t).scene({}, 5_000)
  t.match(await clockCheck.look(scene), [
    { severity: 'warning', code: 'clock-wrong', found: "this machine's clock says 1970-01-01T00:00:05.000Z" },
  ])
})

test('without a hardware clock nothing is claimed', async (t) => {
  t.same(await clockCheck.look(await new TestGuest(t).scene()), [])
})

test('a kernel without a boot id is a note', async (t) => {
  const guest = new TestGuest(t)
  guest.remove('proc/sys/kernel/random')
  t.match(await clockCheck.look(await guest.scene()), [{ severity: 'note', code: 'no-boot-id' }])
})
