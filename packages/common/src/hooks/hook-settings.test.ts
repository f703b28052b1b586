import { test } from 'tap'
import type { Teardown } from '../test-folder.js'
import type { PhaseName } from './phase.js'
import { endings, TestHooks } from './test-hooks.js'

/** How a hook with these settings ends. */
async function endingOf(
  t: Teardown,
  { toml, phase = 'starting', guest = 'web1' }: { toml: string; phase?: PhaseName; guest?: string },
): Promise<string> {
  const hooks = new TestHooks(t)
  hooks.add({ name: `${phase}/20-hook`, toml })
  const subject = guest === '' ? {} : { guest: { name: guest } }
  return endings(await hooks.run({ phase, subject }))[0]?.slice('20-hook '.length) ?? ''
}

test('a hook is wanted when all its conditions hold', async (t) => {
  const wanted = [
    '',
    'enabled = true\nside = "host"',
    'guests = ["web-?", "web*"]\nnot-guests = ["web2"]',
    'when-setting = { drivers = "libvirt", metrics-listen = "" }',
    '[when-setting]\ndrivers = "auto"',
  ]
  for (const toml of wanted) t.equal(await endingOf(t, { toml }), 'done', toml)
})

test('a hook is skipped when one does not hold, and a no is the last word', async (t) => {
  const cases: readonly (readonly [toml: string, reason: string])[] = [
    ['enabled = false', 'its settings switch it off'],
    ['side = "guest"', 'it is for the guest'],
    ['guests = ["web"]', 'the guest is not among its "guests"'],
    ['guests = []', 'the guest is not among its "guests"'],
    ['guests = ["web1"]\nnot-guests = ["*1"]', 'the guest is among its "not-guests"'],
    ['when-setting = { drivers = "lib" }', 'the setting "drivers" is another'],
    [
      'when-setting = { drivers = "libvirt", metrics-listen = "unix:/x" }',
      'the setting "metrics-listen" is another',
    ],
  ]
  for (const [toml, reason] of cases) t.equal(await endingOf(t, { toml }), `skipped: ${reason}`)
  const forGuests = { toml: 'guests = ["*"]', phase: 'extra', guest: '' } as const
  t.equal(await endingOf(t, forGuests), 'skipped: the guest is not among its "guests"')
})

test('a hook with a bad setting is refused, and told the line', async (t) => {
  const cases: readonly (readonly [toml: string, reason: string])[] = [
    ['enabled = true\ntimout = "1s"', 'line 2: there is no setting "timout"; did you mean "timeout"?'],
    [
      'x = 1',
      'line 1: there is no setting "x"; there are enabled, side, guests, not-guests, when-setting, requires, parallel, timeout, veto',
    ],
    ['enabled = "yes"', 'line 1: "enabled" wants true or false'],
    ['side = "both"', 'line 1: "side" wants "host" or "guest"'],
    ['guests = "web1"', `line 1: "guests" wants a list of guests' names or patterns, e.g. ["web-*"]`],
    ['guests = [""]', `line 1: "guests" wants a list of guests' names or patterns, e.g. ["web-*"]`],
    [
      'when-setting = { drivers = ["auto"] }',
      'line 1: "when-setting" wants a table, e.g. { drivers = "libvirt" }',
    ],
    ['when-setting = "drivers"', 'line 1: "when-setting" wants a table, e.g. { drivers = "libvirt" }'],
    ['requires = ["network"]', 'line 1: "requires" wants a list of hooks, e.g. ["20-network"]'],
    [
      'timeout = "1 s"',
      'line 1: "timeout" wants a duration such as "30s": a whole number above 0 and "ms", "s", "m" or "h", a week at most',
    ],
    ['timeout =', 'line 1: '],
  ]
  for (const [toml, reason] of cases)
    t.match(
      await endingOf(t, { toml }),
      new RegExp(`^refused: its settings cannot be used: ${reason.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`),
    )
  t.equal(
    await endingOf(t, { toml: 'when-setting = { driver = "auto" }' }),
    'refused: its "when-setting" asks for "driver", and there is no such setting of the host; did you mean "drivers"?',
  )
  t.equal(
    await endingOf(t, { toml: 'veto = true', phase: 'stopped' }),
    'refused: its settings cannot be used: line 1: "veto" cannot be set here, for nothing waits for "stopped"; leave it out',
  )
})

test('requires runs a hook behind another, and only when that is done', async (t) => {
  const hooks = new TestHooks(t)
  hooks.add({ name: 'extra/10-first', script: 'echo first', toml: 'requires = ["30-fails"]' })
  hooks.add({ name: 'extra/20-second', toml: 'requires = ["40-skips"]' })
  hooks.add({ name: 'extra/30-fails', script: 'exit 1' })
  hooks.add({ name: 'extra/40-skips', script: 'exit 77' })
  hooks.add({ name: 'extra/50-third', toml: 'requires = ["10-first"]' })
  t.same(endings(await hooks.run({ phase: 'extra' })), [
    '30-fails failed: exit status 1',
    '10-first not-run: it requires "30-fails", which was not done',
    '40-skips skipped: it has nothing to do here',
    '20-second done',
    '50-third not-run: it requires "10-first", which was not done',
  ])
})
