import { channelNames, guestToHost, hostToGuest } from '@negotiator/common'
import { test } from 'tap'
import { channelsCheck } from './channels.js'
import type { ExaminedGuest } from './host-scene.js'
import { testGuest, testHostScene, uuid } from './test-host-scene.js'

const both = channelNames
const onlyOne = { [hostToGuest]: '/run/a' }
const domain = (guest: Partial<ExaminedGuest>): ExaminedGuest => testGuest({ driver: 'libvirt', ...guest })
const definition = { defined: [], definedSockets: {}, openInGuest: [] }

test('a guest with both channels is well', async (t) => {
  t.same(await channelsCheck.look(await testHostScene(t)), [])
})

test('a guest without channels is a note, and an error when it was asked about', async (t) => {
  const guests = [testGuest({ sockets: {}, driver: 'qemu' })]
  t.match(await channelsCheck.look(await testHostScene(t, { guests })), [
    { severity: 'note', code: 'no-channels', guest: 'web1', found: 'it has no channels' },
  ])
  t.match(await channelsCheck.look(await testHostScene(t, { guests, wanted: 'web1' })), [
    {
      severity: 'error',
      code: 'no-channels',
      mend: /^negotiator-host attach web1 --qemu /,
    },
  ])
})

test('a guest with one channel is an error, with what to write for the way in which it is run', async (t) => {
  const mendFor = async (driver: string): Promise<string> => {
    const guests = [testGuest({ sockets: onlyOne, driver })]
    const [finding] = await channelsCheck.look(await testHostScene(t, { guests }))
    t.match(finding, {
      severity: 'error',
      code: 'channel-missing',
      found: /negotiator-guest-to-host\.0 is missing$/,
    })
    return finding !== undefined && 'mend' in finding ? finding.mend : ''
  }
  t.equal(await mendFor('folder:/run/guests'), `Have it listen on /run/guests/web1/${guestToHost}.sock`)
  t.match(await mendFor('qemu:web*'), /^negotiator-host attach web1 --qemu {4}# /)
  t.match(await mendFor('libvirt'), /^negotiator-host attach web1 --live {4}# /)
  t.match(
    await mendFor('libvirt:qemu:///session'),
    /^negotiator-host attach web1 --live --connect qemu:\/\/\/session {4}# /,
  )
})

test('a domain that was defined anew and not started anew is told', async (t) => {
  const guests = [domain({ sockets: {}, definition: { ...definition, defined: both } })]
  t.match(await channelsCheck.look(await testHostScene(t, { guests })), [
    {
      severity: 'error',
      code: 'not-restarted',
      found: `its definition has ${hostToGuest} and ${guestToHost}, and the running machine has not`,
      mend: /^virsh shutdown web1; when it is off/,
    },
  ])
  const halfDone = [domain({ sockets: onlyOne, definition: { ...definition, defined: [hostToGuest] } })]
  t.match(await channelsCheck.look(await testHostScene(t, { guests: halfDone })), [
    { code: 'channel-missing' },
  ])
})

test('a domain that is off is told, and what it lacks', async (t) => {
  const off = { state: 'off', sockets: {} } as const
  const guests = [domain({ ...off, definition: { ...definition, defined: both } })]
  t.match(await channelsCheck.look(await testHostScene(t, { guests, wanted: 'web1' })), [
    { severity: 'error', code: 'guest-off', mend: 'virsh start web1' },
  ])
  const bare = [domain({ ...off, definition })]
  t.match(await channelsCheck.look(await testHostScene(t, { guests: bare, wanted: 'web1' })), [
    { code: 'guest-off' },
    { severity: 'error', code: 'no-channels', mend: 'negotiator-host attach web1' },
  ])
})

test('a channel that cannot be used is told with the reason', async (t) => {
  const reason = 'QEMU inherited its socket, so its command line does not tell where it is (fd=...)'
  const warnings = both.map((channel) => ({
    sentence: 'A channel',
    fields: { guest: 'web1', channel, reason },
  }))
  const guests = [testGuest({ sockets: {}, driver: 'qemu' })]
  t.match(await channelsCheck.look(await testHostScene(t, { guests, warnings })), [
    {
      severity: 'error',
      code: 'channel-unusable',
      found: `its channel ${hostToGuest} cannot be used: ${reason}`,
      mend: /drivers = \["auto"\]/,
    },
    { code: 'channel-unusable' },
  ])
})

test('a guest of an odd name is mended by lines that a shell takes for what they are', async (t) => {
  const guests = [domain({ name: "$(reboot) it's", state: 'off', sockets: {}, definition })]
  t.match(await channelsCheck.look(await testHostScene(t, { guests, wanted: uuid })), [
    { mend: `virsh start '$(reboot) it'\\''s'` },
    { mend: `negotiator-host attach '$(reboot) it'\\''s'` },
  ])
})
