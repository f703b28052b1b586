/**
 * The requests of OpenStack's hosts: `{"name": NAME, "value": VALUE}`.
 * Floor 6. Pure.
 */
import { isUtf8 } from 'node:buffer'
import { objectFromPayload } from '../../wire/fields.js'
import type { Fields } from '../../wire/fields.js'

/** A request. */
export interface OpenStackRequest {
  readonly name: string
  /** The empty text when there is none; a number as it was written, for keys are longer than a double is exact. */
  readonly value: unknown
}

/** Why a request is none, in the words of the old agents. */
export type Malformed = 'Request is malformed' | "Request is missing 'name' key"

/** @returns the request, or what is wrong with it */
export function readRequest(body: Buffer): OpenStackRequest | Malformed {
  const fields = isUtf8(body) ? fieldsIn(body) : undefined
  if (fields === undefined) return 'Request is malformed'
  if (!Object.hasOwn(fields, 'name')) return "Request is missing 'name' key"
  const { name, value = '' } = fields
  if (typeof name !== 'string') return 'Request is malformed'
  return { name, value: typeof value === 'number' ? digitsIn(body.toString()) : value }
}

function fieldsIn(body: Buffer): Fields | undefined {
  try {
    return objectFromPayload(body, 'request')
  } catch {
    return undefined // Whoever sent it is told that it is malformed.
  }
}

/** The number behind the last `"value":`, which is the one that JSON.parse took. */
function digitsIn(text: string): string {
  return /.*"value"\s*:\s*(-?[0-9.eE+-]+)/s.exec(text)?.[1] ?? ''
}
