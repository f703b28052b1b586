/**
 * What libvirt's XML says of a domain: its name, its uuid, and where its channels end.
 * Floor 1. Pure. Whoever defines domains writes this text, so nothing in it is followed: a document type is refused, and
 * with it every entity but the five of XML; what lies elsewhere than where libvirt puts it, e.g. in its metadata, is passed over.
 * @see https://libvirt.org/formatdomain.html#channel
 */
import { isAbsolute } from 'node:path'
import { SaxesParser } from 'saxes'
import type { SaxesTagPlain } from 'saxes'
import { SystemError } from '../errors.js'
import { channelNames } from './channel-names.js'
import type { ChannelName } from './channel-names.js'
import { parseUuid } from './uuid.js'

/** A domain as its XML describes it. */
export interface DomainDescription {
  readonly name: string
  /** In lower case. */
  readonly uuid: string
  /** The channels that it has; those without a socket in XML that is not live, for libvirt makes one at each start. */
  readonly channels: readonly ChannelName[]
  readonly sockets: Readonly<Partial<Record<ChannelName, string>>>
  /** Channels that it has and that we cannot connect to, each with the reason. */
  readonly unreachable: Readonly<Partial<Record<ChannelName, string>>>
  /** The channels that a program in the guest has open, as its kernel tells; of live XML only. */
  readonly openInGuest: readonly ChannelName[]
  /** The text of each channel's element, by which libvirt knows it again. */
  readonly elements: Readonly<Partial<Record<ChannelName, string>>>
}

/** A `<channel>` while it is read. */
interface ChannelElement {
  readonly type: string
  isVirtio: boolean
  name: string
  mode: string
  path: string
  state: string
  /** Where it begins, then all of it. */
  start: number
  text: string
}

const channelPath = 'domain/devices/channel'

/** libvirt's own reader goes no deeper; each level makes each tag below it dearer. */
const depthMax = 256

/**
 * Reads a domain's XML, of a running domain or not.
 * @throws {SystemError} `bad-domain-xml`, saying where
 */
export function parseDomainXml(xml: string): DomainDescription {
  const open: string[] = []
  let name = ''
  let uuidText = ''
  let channel: ChannelElement | undefined
  const found: ChannelElement[] = []
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw badXml(error.message)
  })
  parser.on('doctype', () => {
    throw badXml('it has a document type, which libvirt never writes')
  })
  parser.on('opentag', (tag: SaxesTagPlain) => {
    open.push(tag.name)
    if (open.length > depthMax) throw badXml(`its elements are nested deeper than ${depthMax} levels`)
    const path = open.join('/')
    if (path === channelPath) channel = channelElement(tag, tagStart)
    else if (channel !== undefined) addToChannel(channel, { tag, path })
  })
  let tagStart = 0
  parser.on('opentagstart', () => (tagStart = xml.lastIndexOf('<', parser.position - 1)))
  const addText = (text: string): void => {
    const path = open.join('/')
    if (path === 'domain/name') name += text
    if (path === 'domain/uuid') uuidText += text
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => {
    if (open.join('/') === channelPath && channel !== undefined) {
      found.push({ ...channel, text: xml.slice(channel.start, parser.position) })
      channel = undefined
    }
    open.pop()
  })
  parser.write(xml).close()
  const uuid = parseUuid(uuidText.trim())
  if (name === '' || uuid === undefined) throw badXml('it has no name or no uuid')
  return { name, uuid, ...endsOf(found) }
}

function channelElement({ attributes }: SaxesTagPlain, start: number): ChannelElement {
  return {
    type: attributes['type'] ?? '',
    isVirtio: false,
    name: '',
    mode: '',
    path: '',
    state: '',
    start,
    text: '',
  }
}

function addToChannel(
  channel: ChannelElement,
  { tag: { attributes }, path }: { tag: SaxesTagPlain; path: string },
): void {
  if (path === `${channelPath}/target`) {
    channel.isVirtio = attributes['type'] === 'virtio'
    channel.name = attributes['name'] ?? ''
    channel.state = attributes['state'] ?? ''
  }
  if (path === `${channelPath}/source`) {
    channel.mode = attributes['mode'] ?? ''
    channel.path = attributes['path'] ?? ''
  }
}

function endsOf(elements: readonly ChannelElement[]): Omit<DomainDescription, 'name' | 'uuid'> {
  const sockets: Partial<Record<ChannelName, string>> = {}
  const unreachable: Partial<Record<ChannelName, string>> = {}
  const texts: Partial<Record<ChannelName, string>> = {}
  const channels = channelNames.filter((channelName) => {
    const element = elements.find(({ name, isVirtio }) => isVirtio && name === channelName)
    if (element === undefined) return false
    texts[channelName] = element.text
    const reason = reasonAgainst(element)
    if (reason !== undefined) unreachable[channelName] = reason
    else if (element.path !== '') sockets[channelName] = element.path
    return true
  })
  const openInGuest = channels.filter((channelName) =>
    elements.some(({ name, state }) => name === channelName && state === 'connected'),
  )
  return { channels, sockets, unreachable, openInGuest, elements: texts }
}

function reasonAgainst({ type, mode, path }: ChannelElement): string | undefined {
  if (type !== 'unix') return `its type is "${type}", wanted "unix"`
  if (mode === 'connect') return 'its mode is "connect", wanted "bind": QEMU has to listen, for we connect'
  if (path !== '' && !isAbsolute(path)) return `its path "${path}" is not absolute`
  return undefined
}

function badXml(reason: string): SystemError {
  return new SystemError(`Cannot read the XML of a domain: ${reason}`, { code: 'bad-domain-xml' })
}
