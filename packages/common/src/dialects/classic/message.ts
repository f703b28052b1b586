/**
 * python-negotiator's messages, as its own writer makes them.
 * Floor 6. Pure. Blanks stand where Python puts them, for there are peers that compare bytes.
 */
import { classicBlockBytes } from '../../limits.js'
import { pythonJson } from '../python-json.js'
import type { JsonValue } from '../python-json.js'

/** A message: the count line and the JSON. */
export function encodeMessage(value: JsonValue): Buffer {
  return withCount(pythonJson(value))
}

/** A message for a daemon: the same, with blanks behind the JSON up to whole blocks. */
export function encodeRequest(value: JsonValue): Buffer {
  const json = pythonJson(value)
  const blockCount = Math.ceil(withCount(json).length / classicBlockBytes)
  const byteCount = blockCount * classicBlockBytes
  // The counted part has as many digits as the whole: a power of ten never lies just below a multiple of a block.
  return withCount(json.padEnd(byteCount - `${byteCount}\n`.length))
}

function withCount(json: string): Buffer {
  return Buffer.from(`${json.length}\n${json}`, 'latin1')
}
