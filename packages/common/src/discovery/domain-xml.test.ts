import fc from 'fast-check'
import { test } from 'tap'
import { testSeed } from '../test-seed.js'
import { guestToHost, hostToGuest } from './channel-names.js'
import { parseDomainXml } from './domain-xml.js'

const uuid = '4f6c0f0e-3a0b-4c7e-9d55-0123456789ab'

interface Wanted {
  readonly name?: string
  readonly devices?: string
  readonly rest?: string
}

const domain = ({ name = 'web1', devices = '', rest = '' }: Wanted = {}): string =>
  `<domain type='kvm' id='7'><name>${name}</name><uuid>${uuid}</uuid>${rest}<devices>${devices}</devices></domain>`

/** As libvirt 9 writes a channel of a running domain. */
const live = (channel: string, path: string): string => `
    <channel type='unix'>
      <source mode='bind' path='${path}'/>
      <target type='virtio' name='${channel}' state='disconnected'/>
      <alias name='channel0'/>
      <address type='virtio-serial' controller='0' bus='0' port='1'/>
    </channel>`

/** Text as libvirt writes it into an element or between single quotes. */
const escape = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll("'", '&apos;')
    .replaceAll('\n', '&#10;')

test('parseDomainXml() finds name, uuid and the sockets of both channels', (t) => {
  const folder = '/var/lib/libvirt/qemu/channel/target/domain-7-web1'
  const devices = `${live('org.qemu.guest_agent.0', '/run/agent')}${live(hostToGuest, `${folder}/a`)}${live(guestToHost, `${folder}/b`)}`
  t.same(parseDomainXml(domain({ devices })), {
    name: 'web1',
    uuid,
    channels: [hostToGuest, guestToHost],
    sockets: { [hostToGuest]: `${folder}/a`, [guestToHost]: `${folder}/b` },
    unreachable: {},
    openInGuest: [],
    elements: {
      [hostToGuest]: live(hostToGuest, `${folder}/a`).trim(),
      [guestToHost]: live(guestToHost, `${folder}/b`).trim(),
    },
  })
  t.end()
})

test('parseDomainXml() tells which channels a program in the guest has open', (t) => {
  const open = live(hostToGuest, '/a').replace("'disconnected'", "'connected'")
  const foreign = live('org.qemu.guest_agent.0', '/b').replace("'disconnected'", "'connected'")
  const devices = `${foreign}${open}${live(guestToHost, '/c')}`
  t.same(parseDomainXml(domain({ devices })).openInGuest, [hostToGuest])
  t.end()
})

test('parseDomainXml() gives the text of each channel, whatever stands before it', (t) => {
  const text = `<channel type='unix'><source/><target type='virtio' name='${hostToGuest}'/></channel>`
  for (const before of ['', '<!-- < 😀 -->', '<![CDATA[<channel 😀>]]>', '<a b="&lt; > 😀"/>\r\n']) {
    t.equal(parseDomainXml(domain({ devices: before + text })).elements[hostToGuest], text)
  }
  t.end()
})

test('parseDomainXml() finds a channel that has no socket yet', (t) => {
  const devices = `<channel type='unix'><target type='virtio' name='${hostToGuest}'/></channel>`
  t.match(parseDomainXml(domain({ devices })), { channels: [hostToGuest], sockets: {}, unreachable: {} })
  t.match(parseDomainXml(domain()), { channels: [], sockets: {} })
  t.end()
})

test('parseDomainXml() says why a channel cannot be connected to', (t) => {
  const target = `<target type='virtio' name='${hostToGuest}'/>`
  const reasonFor = (channel: string): string | undefined =>
    parseDomainXml(domain({ devices: channel })).unreachable[hostToGuest]
  t.equal(reasonFor(`<channel type='pty'>${target}</channel>`), 'its type is "pty", wanted "unix"')
  t.match(
    reasonFor(`<channel type='unix'><source mode='connect' path='/a'/>${target}</channel>`),
    /mode is "connect"/,
  )
  t.equal(
    reasonFor(`<channel type='unix'><source mode='bind' path='a'/>${target}</channel>`),
    'its path "a" is not absolute',
  )
  t.end()
})

test('parseDomainXml() gives any name and path as they are', (t) => {
  const odd = ['--help', ' a "b" \'c\' ', 'x'.repeat(200), 'a&b<c>', 'two\nlines', 'é Ω 😀', ']]>']
  for (const name of odd) {
    const described = parseDomainXml(
      domain({ name: escape(name), devices: live(hostToGuest, escape(`/run/${name}`)) }),
    )
    t.equal(described.name, name)
    t.equal(described.sockets[hostToGuest], `/run/${name}`)
  }
  t.equal(parseDomainXml(domain({ name: '<![CDATA[a<b]]>' })).name, 'a<b')
  t.end()
})

test('parseDomainXml() gives any name back, at random', (t) => {
  // XML knows no other control characters; a carriage return would have to be escaped, which libvirt does.
  const character = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
    // oxlint-disable-next-line no-control-regex
    .filter((text) => !/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufffe\uffff]/.test(text))
  fc.assert(
    fc.property(character, (name) => {
      t.equal(parseDomainXml(domain({ name: escape(name) })).name, name)
    }),
    { seed: testSeed(t), numRuns: 200 },
  )
  t.end()
})

test('parseDomainXml() passes over what lies elsewhere, whatever it looks like', (t) => {
  const fake = `<domain><name>fake</name><uuid>00000000-0000-4000-8000-000000000000</uuid>
    <devices>${live(hostToGuest, '/fake')}</devices></domain>`
  const rest = `<metadata>${fake}</metadata><description>${escape(fake)}</description>`
  const nested = `<interface type='user'>${live(hostToGuest, '/fake')}<name>fake</name></interface>`
  t.same(parseDomainXml(domain({ rest, devices: `${nested}<!--${live(hostToGuest, '/fake')}-->` })), {
    name: 'web1',
    uuid,
    channels: [],
    sockets: {},
    unreachable: {},
    openInGuest: [],
    elements: {},
  })
  const notVirtio = live(hostToGuest, '/fake').replace("type='virtio'", "type='xen'")
  t.same(parseDomainXml(domain({ devices: notVirtio })).channels, [])
  t.end()
})

test('parseDomainXml() refuses what libvirt never writes, and says what it is', (t) => {
  const refused = (xml: string, reason: RegExp): void => {
    t.throws(() => parseDomainXml(xml), { code: 'bad-domain-xml', message: reason }, xml.slice(0, 40))
  }
  refused('', /^Cannot read the XML of a domain: /)
  refused('error: failed to get domain', /^Cannot read the XML of a domain: 1:/)
  refused(domain().slice(0, -3), /unclosed|unexpected end/)
  refused(`<!DOCTYPE domain [<!ENTITY a "aaaa">]>${domain({ name: '&a;' })}`, /document type/)
  refused(domain({ name: '&a;' }), /entity/)
  refused(domain().replace(uuid, 'not-a-uuid'), /no name or no uuid/)
  refused(domain({ name: '' }), /no name or no uuid/)
  refused(domain().replaceAll('domain', 'network'), /no name or no uuid/)
  refused(`${domain()}${domain()}`, /root/)
  const deep = `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`
  refused(domain({ rest: deep }), /nested deeper than 256 levels/)
  t.end()
})
