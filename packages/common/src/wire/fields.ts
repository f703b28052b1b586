/**
 * Reading the fields of a peer's JSON, which is `unknown` until it has passed here.
 * Floor 2. Pure. Errors name the field and the shape wanted, never the peer's own text.
 */
import { PeerError } from '../errors.js'

/** An object with fields not yet looked at. */
export type Fields = Readonly<Record<string, unknown>>

/** @throws {PeerError} `bad-message` unless the value is a JSON object */
export function objectFrom(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw badField(what, 'an object')
}

/** @throws {PeerError} `bad-message` unless the payload is a JSON object in UTF-8 */
export function objectFromPayload(payload: Buffer, what: string): Fields {
  let value: unknown
  try {
    value = JSON.parse(payload.toString())
  } catch (cause) {
    throw new PeerError(`Cannot read a ${what}: it is not JSON`, { code: 'bad-message', cause })
  }
  return objectFrom(value, what)
}

/** @throws {PeerError} `bad-message` unless the field is a string */
export function textIn(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value === 'string') return value
  throw badField(name, 'a string')
}

/** A string, or `undefined` when the field is absent. @throws {PeerError} `bad-message` for anything else */
export function optionalTextIn(fields: Fields, name: string): string | undefined {
  return fields[name] === undefined ? undefined : textIn(fields, name)
}

/** @throws {PeerError} `bad-message` unless the field is a whole number, 0 to 2^53 - 1 */
export function integerIn(fields: Fields, name: string): number {
  const value = fields[name]
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw badField(name, 'a whole number from 0 on')
}

/** @throws {PeerError} `bad-message` unless the field is absent or a whole number, 0 to 2^53 - 1 */
export function optionalIntegerIn(fields: Fields, name: string): number | undefined {
  return fields[name] === undefined ? undefined : integerIn(fields, name)
}

/** @throws {PeerError} `bad-message` unless the field is an array of strings */
export function textListIn(fields: Fields, name: string): readonly string[] {
  const value = fields[name]
  if (Array.isArray(value) && value.every((item): item is string => typeof item === 'string')) return value
  throw badField(name, 'an array of strings')
}

/**
 * Positions from 1 on, or `undefined` when the field is absent.
 * @param field its `name`, and how many positions it has at most
 * @throws {PeerError} `bad-message` for anything else
 */
export function optionalPositionsIn(
  fields: Fields,
  { name, countMax }: { readonly name: string; readonly countMax: number },
): readonly number[] | undefined {
  const value = fields[name]
  if (value === undefined) return undefined
  if (Array.isArray(value) && value.length <= countMax && value.every(isPosition)) return value
  throw badField(name, `an array of at most ${countMax} whole numbers from 1 on`)
}

function isPosition(item: unknown): item is number {
  return typeof item === 'number' && Number.isSafeInteger(item) && item >= 1
}

function badField(name: string, wanted: string): PeerError {
  return new PeerError(`Cannot read a message: "${name}" is not ${wanted}`, { code: 'bad-message' })
}
