import { test } from 'tap'
import { koffiCheck, koffiCheckOf } from './koffi.js'
import { TestGuest } from './test-guest-scene.js'

test('koffi that loads is well', async (t) => {
  t.match(await koffiCheck.look(await new TestGuest(t).scene()), [{ severity: 'ok' }])
})

test('koffi that does not load is a note, with what comes of it', async (t) => {
  const missing = koffiCheckOf(
    async () => await Promise.reject(new Error("Cannot find package 'koffi'\nat x")),
  )
  t.match(await missing.look(await new TestGuest(t).scene()), [
    {
      severity: 'note',
      code: 'koffi-missing',
      found: "koffi does not load: Cannot find package 'koffi'",
      why: /up to 50 ms late/,
    },
  ])
})
