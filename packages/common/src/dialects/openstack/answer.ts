/**
 * The answers of OpenStack's guest agents, byte for byte as Python wrote them: message, then return code, both as texts.
 * Floor 6. Pure. What a command says on standard error is the message; its output stays here.
 */
import { openStackMessageLengthMax } from '../xen-limits.js'
import type { CollectedEnd } from '../dialect.js'
import { pythonJson } from '../python-json.js'

/** `0` done · `D0` keys exchanged · `404` there is no such command · `500` everything else. */
export type ReturnCode = '0' | 'D0' | '404' | '500'

/** What becomes of a request. */
export interface OpenStackAnswer {
  readonly returncode: ReturnCode
  readonly message: string
}

/** An answer as bytes; a message that a node has no room for is cut. */
export function encodeAnswer({ message, returncode }: OpenStackAnswer): Buffer {
  return Buffer.from(pythonJson({ message: message.slice(0, openStackMessageLengthMax), returncode }))
}

export function done(message = ''): OpenStackAnswer {
  return { returncode: '0', message }
}

export function failed(message: string): OpenStackAnswer {
  return { returncode: '500', message }
}

/** The answer to a call. */
export function answerOfEnd(command: string, { result, stderr }: CollectedEnd): OpenStackAnswer {
  switch (result.kind) {
    case 'exited': {
      if (result.code === 0) return done()
      const sentence = stderr.toString().trim()
      return failed(sentence === '' ? `${command} exited with status ${result.code}` : sentence)
    }
    case 'signalled':
      return failed(`${command} was ended by ${result.signal}`)
    case 'unknown-command':
      return { returncode: '404', message: result.reason }
    default:
      return failed(`${command}: ${result.kind}: ${result.reason}`)
  }
}
