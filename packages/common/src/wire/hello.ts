/**
 * The handshake: the opening that the calling side sends, and the Hello that both sides tell.
 * Floor 2. Pure: no I/O, no clock. The opening is at once a well-formed python-negotiator request for a method that
 * nobody has, so an old peer answers "not supported" and stays healthy. PROTOCOL.md "Opening" is the spec.
 */
import { crc32 } from 'node:zlib'
import { PeerError } from '../errors.js'
import { classicBlockBytes, openingBytesMax } from '../limits.js'
import { asciiJson } from './ascii-json.js'
import { integerIn, objectFrom, textIn, textListIn } from './fields.js'
import type { Fields } from './fields.js'
import { openingMarker } from './frame.js'
import type { SessionName } from './frame.js'

/** The protocol versions that this code speaks. */
export const protocolVersions: VersionRange = { min: 1, max: 1 }

/** The feature of a guest that reads whose call its host passes on: without it the call would pass for the host's own. */
export const relayedCallers = 'relayed-callers'

/** A range of protocol versions, both ends included. */
export interface VersionRange {
  readonly min: number
  readonly max: number
}

/** What one side tells the other before anything else. Shown to people, never used to decide who somebody is. */
export interface Hello {
  readonly versions: VersionRange
  readonly side: 'host' | 'guest' | 'program'
  /** 16 lower-case hex digits, random for each session. */
  readonly epoch: string
  /** The kernel's boot id: a new one means that the machine was rebooted. Empty when unknown. */
  readonly bootId: string
  /** Random for each daemon process: a new one means that the daemon was restarted. */
  readonly instance: string
  readonly features: readonly string[]
  /** The program's own version, e.g. `0.1.0`. */
  readonly agent: string
  /** The machine's name in its own words. */
  readonly name: string
}

/** The highest version that both ranges hold, or `undefined`: the lower maximum wins. */
export function commonVersion(one: VersionRange, other: VersionRange): number | undefined {
  const highest = Math.min(one.max, other.max)
  return highest >= Math.max(one.min, other.min) ? highest : undefined
}

/** A session's name: both epochs, each bit exclusive-ored, so that neither side alone can fix it. */
export function sessionNameOf(callerEpoch: string, serverEpoch: string): SessionName {
  const caller = epochName(callerEpoch)
  const server = epochName(serverEpoch)
  return { high: (caller.high ^ server.high) >>> 0, low: (caller.low ^ server.low) >>> 0 }
}

/** A caller's epoch as the name under which HELLO and REFUSE answer it. */
export function epochName(epoch: string): SessionName {
  return { high: Number.parseInt(epoch.slice(0, 8), 16), low: Number.parseInt(epoch.slice(8), 16) }
}

/** A Hello as a payload. */
export function encodeHello(hello: Hello): Buffer {
  return Buffer.from(JSON.stringify(hello))
}

/**
 * Reads a Hello out of parsed JSON.
 * @throws {PeerError} `bad-hello` or `bad-message`, naming the field
 */
export function helloFrom(value: unknown): Hello {
  const hello = objectFrom(value, 'hello')
  const versions = objectFrom(hello['versions'], 'versions')
  return {
    versions: { min: integerIn(versions, 'min'), max: integerIn(versions, 'max') },
    side: sideIn(textIn(hello, 'side')),
    epoch: epochIn(textIn(hello, 'epoch')),
    bootId: textIn(hello, 'bootId').slice(0, 64),
    instance: textIn(hello, 'instance').slice(0, 64),
    features: featuresIn(hello),
    agent: textIn(hello, 'agent').slice(0, 64),
    name: textIn(hello, 'name').slice(0, 255),
  }
}

/** A session keeps them for as long as it lives, so of a peer that tells too many only the first count. */
const featureCountMax = 32

function featuresIn(hello: Fields): readonly string[] {
  return textListIn(hello, 'features')
    .slice(0, featureCountMax)
    .map((feature) => feature.slice(0, 64))
}

function sideIn(side: string): Hello['side'] {
  if (side === 'host' || side === 'guest' || side === 'program') return side
  throw new PeerError(`Cannot read a hello: its side is neither host, guest nor program`, {
    code: 'bad-hello',
  })
}

function epochIn(epoch: string): string {
  if (/^[0-9a-f]{16}$/.test(epoch)) return epoch
  throw new PeerError(`Cannot read a hello: its epoch is not 16 hex digits`, { code: 'bad-hello' })
}

/** Digits of the byte count, at a fixed place behind the marker. */
const countDigits = 5
const checkKey = '", "crc32": "'
const checkDigits = 8

/** Bytes of an opening up to its checksum's end: with these here, its length and checksum can be read. */
export const openingHeadBytes: number = openingMarker.length + countDigits + checkKey.length + checkDigits

const headPattern = new RegExp(`^(\\d{${countDigits}})${checkKey}[0-9a-f]{${checkDigits}}$`)

/** Of the count line ` NNNN\n`. */
const countLineBytes = 6

/**
 * The opening as bytes: a count line, then JSON of exactly that many bytes, with blanks up to a whole block.
 * @example ` 4090\n{"method": "negotiator-open", "bytes": "04090", "crc32": "89abcdef", "args": [], "kw": {}, "hello": {...}   }`
 */
export function encodeOpening(hello: Hello): Buffer {
  const content = `", "args": [], "kw": {}, "hello": ${asciiJson(hello)}`
  const wanted = classicBlockBytes - countLineBytes - openingHeadBytes
  const rest = Buffer.from(`${content.padEnd(wanted - 1)}}`)
  const length = openingHeadBytes + rest.length
  const check = crc32(rest).toString(16).padStart(checkDigits, '0')
  const head = `${openingMarker.toString()}${String(length).padStart(countDigits, '0')}${checkKey}${check}`
  // The blank parts the count from a digit that may end what stood in the channel before; an old peer strips it.
  return Buffer.concat([Buffer.from(` ${length}\n${head}`), rest])
}

/** The whole opening's length in bytes as its head announces it, or `undefined` for a damaged head. */
export function openingLength(bytes: Buffer): number | undefined {
  const [, digits] = headPattern.exec(bytes.toString('latin1', openingMarker.length, openingHeadBytes)) ?? []
  const length = Number(digits ?? 0)
  return length > openingHeadBytes && length <= openingBytesMax ? length : undefined
}

/**
 * Reads a whole opening, from its marker on.
 * @returns the caller's Hello, or `undefined` when the bytes are damaged
 * @throws {PeerError} `bad-hello` or `bad-message` when they are whole and say something that we cannot read
 */
export function decodeOpening(bytes: Buffer): Hello | undefined {
  const rest = bytes.subarray(openingHeadBytes)
  const check = bytes.toString('latin1', openingHeadBytes - checkDigits, openingHeadBytes)
  if (check !== crc32(rest).toString(16).padStart(checkDigits, '0')) return undefined
  return helloFrom(objectFrom(parseJson(bytes), 'opening')['hello'])
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch (cause) {
    throw new PeerError('Cannot read an opening: it is not JSON', { code: 'bad-hello', cause })
  }
}
