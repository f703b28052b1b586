import { timezoneSchema } from '@negotiator/common/system'
import { test } from 'tap'
import { callCommand, testMachine } from '../test-machine.js'
import type { TestMachineParts } from '../test-machine.js'
import { debian12, minimal, rocky9 } from '../test-systems.js'
import { command as time } from './time.js'
import { command as timezone } from './timezone.js'
import { parseOffset } from './zone-offset.js'

const [january, july] = ['2026-01-15T12:00:00Z', '2026-07-01T12:00:00Z']

test('timezone tells daylight saving by the date', async (t) => {
  const told = async (link: string, date = july): Promise<unknown> => {
    const files = { '/etc/localtime': `-> ${link}` }
    const machine = testMachine(t, { files, now: () => new Date(date) })
    const { stdout } = await callCommand(timezone, { machine, args: ['--json'] })
    const zone = timezoneSchema.parse(JSON.parse(stdout))
    return [zone.name, zone.offsetMinutes, zone.standardOffsetMinutes, zone.isDaylightSaving]
  }
  t.same(await told('/usr/share/zoneinfo/Europe/Berlin'), ['Europe/Berlin', 120, 60, true])
  t.same(await told('../usr/share/zoneinfo/Europe/Berlin', january), ['Europe/Berlin', 60, 60, false])
  t.same(await told('/usr/share/zoneinfo/posix/America/St_Johns', january), [
    'America/St_Johns',
    -210,
    -210,
    false,
  ])
  t.same(await told('/usr/share/zoneinfo/Australia/Sydney', january), ['Australia/Sydney', 660, 600, true])
  t.same(await told('/usr/share/zoneinfo/Asia/Kolkata'), ['Asia/Kolkata', 330, 330, false])
  t.same(await told('/etc/../usr/share/zoneinfo/Etc/UTC'), ['Etc/UTC', 0, 0, false])
})

test('timezone of a machine whose zone has no name that is known', async (t) => {
  const told = async (parts: TestMachineParts): Promise<unknown> =>
    await callCommand(timezone, { machine: testMachine(t, parts), args: ['--json'] })
  t.match(await told({}), { stdout: /"name":"UTC","offsetMinutes":0/ }, 'none is set')
  const copy = { '/etc/localtime': 'TZif2' }
  t.match(await told({ files: { ...copy, '/etc/timezone': 'Asia/Tokyo\n' } }), {
    stdout: /"Asia\/Tokyo","offsetMinutes":540/,
  })
  const unnamed = { name: null, offsetMinutes: -210, standardOffsetMinutes: null, isDaylightSaving: null }
  const tools = { 'date +%z': '-0330\n' }
  t.match(await told({ files: copy, tools }), { stdout: `${JSON.stringify(unnamed)}\n` })
  const mars = { '/etc/localtime': '-> /usr/share/zoneinfo/Mars/Olympus' }
  t.match(await told({ files: mars, tools }), { stdout: `${JSON.stringify(unnamed)}\n` })
  const reason = '/etc/localtime names none, and there is no date(1) to ask; set one'
  t.match(await told({ files: mars }), { exitCode: 69, stderr: `Cannot tell the time zone: ${reason}\n` })
})

test('timezone says it in words', async (t) => {
  const told = async (parts: TestMachineParts): Promise<string> =>
    (await callCommand(timezone, { machine: testMachine(t, parts) })).stdout
  t.equal(await told(debian12), 'Europe/Berlin: UTC+02:00, daylight saving\n')
  t.equal(await told(rocky9), 'America/St_Johns: UTC-02:30, daylight saving\n')
})

test('parseOffset() reads offsets and nothing else', (t) => {
  t.same(['', '+00:00', '-00:00', '+0545', '-03:30'].map(parseOffset), [0, 0, 0, 345, -210])
  t.same(['x', '+1', '1:00', 'CET'].map(parseOffset), [undefined, undefined, undefined, undefined])
  t.end()
})

test('time tells the clock, and who says whether it is right', async (t) => {
  const told = async (parts: TestMachineParts): Promise<unknown> =>
    JSON.parse((await callCommand(time, { machine: testMachine(t, parts), args: ['--json'] })).stdout)
  t.same(await told(debian12), {
    time: '2026-07-01T12:00:00.000Z',
    unixMilliseconds: Date.parse(july),
    uptimeSeconds: 350735.47,
    clockSource: 'kvm-clock',
    isSynchronised: true,
    saidBy: 'systemd',
  })
  t.match(await told(rocky9), { isSynchronised: true, saidBy: 'chrony' })
  t.match(await told(minimal), { isSynchronised: null, saidBy: null, clockSource: null })
  const tools = { 'chronyc -c tracking': '7F7F0101,,10,0.0,0.0,Not synchronised\n' }
  t.match(await told({ ...minimal, tools }), { isSynchronised: false, saidBy: 'chrony' })
  const { stdout } = await callCommand(time, { machine: testMachine(t, { ...minimal, tools }) })
  t.equal(stdout, '2026-07-01T12:00:00.000Z, not synchronised (chrony)\n')
})
