/**
 * A signed package: two lines that say what follows, a line with an ed25519 signature of these two, and the program.
 * Pure. What the signature covers names the program's size and SHA-256, so it covers the program.
 *
 *     negotiator-update 1
 *     {"side":"guest","version":"0.2.0","arch":"x64","sizeBytes":91234567,"sha256":"..."}
 *     BASE64
 *     the program's bytes
 */
import { sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { wrongUsage } from '../failure.js'

/** What a package says of its program. */
export interface UpdateManifest {
  readonly side: string
  readonly version: string
  /** As Node names it; `any` for one file of JavaScript. */
  readonly arch: string
  readonly sizeBytes: number
  readonly sha256: string
}

/** The head of a package. */
export interface UpdateHead {
  readonly manifest: UpdateManifest
  /** The bytes that are signed. */
  readonly signed: Buffer
  readonly signature: Buffer
  /** Where the program begins. */
  readonly lengthBytes: number
}

/** No head is longer. */
export const headBytesMax = 4096

const firstLine = 'negotiator-update 1'

/** Makes the head of a package. @param key an ed25519 private key */
export function encodeHead(manifest: UpdateManifest, key: KeyObject): Buffer {
  const signed = Buffer.from(`${firstLine}\n${JSON.stringify(manifest)}\n`)
  return Buffer.concat([signed, Buffer.from(`${sign(null, signed, key).toString('base64')}\n`)])
}

/**
 * Reads a head, and does not yet believe it.
 * @returns the head; `undefined` when there is not all of it
 * @throws {CommandFailure} when it is none
 */
export function decodeHead(bytes: Buffer): UpdateHead | undefined {
  const start = bytes.toString('latin1', 0, firstLine.length + 1)
  if (!`${firstLine}\n`.startsWith(start)) throw notAPackage(`it does not begin with "${firstLine}"`)
  const ends = lineEnds(bytes.subarray(0, headBytesMax), 3)
  const [, manifestEnd, lengthBytes] = ends
  if (manifestEnd === undefined || lengthBytes === undefined) {
    if (bytes.length >= headBytesMax) throw notAPackage(`its head has more than ${headBytesMax} bytes`)
    return undefined
  }
  const manifest = manifestIn(bytes.toString('utf8', start.length, manifestEnd))
  const signature = Buffer.from(bytes.toString('latin1', manifestEnd, lengthBytes), 'base64')
  return { manifest, signed: bytes.subarray(0, manifestEnd), signature, lengthBytes }
}

/** Whether a key of ours has signed it. */
export function isSignedBy({ signed, signature }: UpdateHead, key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ed25519' && verify(null, signed, key, signature)
}

/** Below 0, 0 or above, as the one is older, the same or newer. @param one and other, such as `0.10.0` */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [one, other].map((version) => version.split('.').map(Number))
  const differences = (left ?? []).map((number, index) => number - (right?.[index] ?? 0))
  return differences.find((difference) => difference !== 0) ?? 0
}

/** @throws {CommandFailure} */
export function notAPackage(reason: string): Error {
  return wrongUsage(`Cannot take the update: ${reason}; nothing was changed`)
}

function lineEnds(bytes: Buffer, count: number): readonly number[] {
  const ends: number[] = []
  for (let at = bytes.indexOf('\n'); at !== -1 && ends.length < count; at = bytes.indexOf('\n', at + 1))
    ends.push(at + 1)
  return ends
}

function manifestIn(line: string): UpdateManifest {
  const value = parsed(line)
  if (typeof value !== 'object' || value === null) throw notAPackage('its second line is no JSON object')
  const { side, version, arch, sizeBytes, sha256 }: Partial<Record<keyof UpdateManifest, unknown>> = value
  const isWhole =
    typeof side === 'string' &&
    typeof arch === 'string' &&
    typeof version === 'string' &&
    /^\d{1,6}\.\d{1,6}\.\d{1,6}$/.test(version) &&
    typeof sizeBytes === 'number' &&
    Number.isSafeInteger(sizeBytes) &&
    sizeBytes > 0 &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256)
  if (!isWhole) throw notAPackage('its second line lacks side, version, arch, sizeBytes or sha256')
  return { side, version, arch, sizeBytes, sha256 }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
