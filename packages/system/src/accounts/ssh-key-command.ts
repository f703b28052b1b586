/**
 * The command `ssh-key`: its words, and the keys that come over standard input.
 */
import type { SshKeys } from '@negotiator/common/system'
import type { Answer, SystemCall, SystemCommand } from '../command.js'
import { wrongUsage } from '../failure.js'
import { readInput } from '../read-input.js'
import { addKeys, parseKeyLine, removeKeys } from './authorized-keys.js'
import type { AuthorizedKey, KeyChange } from './authorized-keys.js'
import { changeKeys, listKeys } from './ssh-key.js'

const inputBytesMax = 2 ** 20

export const command: SystemCommand = {
  name: 'ssh-key',
  usage: 'list|add|remove USER [--dry-run]',
  options: { 'dry-run': 'flag' },
  operands: { min: 2, max: 2 },
  run: async (call) => {
    const [what = '', user = ''] = call.operands
    switch (what) {
      case 'list':
        return list(call, user)
      case 'add': {
        const keys = (await wordsOf(call)).map(keyOf)
        return change(call, { user, did: 'added', change: (text) => addKeys(text, keys) })
      }
      case 'remove': {
        const wanted = new Set((await wordsOf(call)).map(fingerprintOf))
        const isWanted = ({ fingerprint }: AuthorizedKey): boolean => wanted.has(fingerprint)
        return change(call, { user, did: 'removed', change: (text) => removeKeys(text, isWanted) })
      }
      default:
        throw wrongUsage(
          `Cannot run ssh-key: there is no ${JSON.stringify(what.slice(0, 64))}; wanted list, add or remove`,
        )
    }
  },
}

function list({ machine }: SystemCall, user: string): Answer {
  const keys = listKeys(machine, user).map(({ type, fingerprint, comment, options }) => ({
    type,
    fingerprint,
    comment,
    options,
  }))
  const json: SshKeys = { user, keys }
  const lines = keys.map(({ type, fingerprint, comment }) => `${fingerprint} ${type} ${comment}`.trim())
  return { json, lines }
}

function change(
  { machine, options }: SystemCall,
  { user, did, change }: { user: string; did: string; change: (text: string) => KeyChange },
): Answer {
  const json = changeKeys(machine, { user, isDryRun: options.flags.has('dry-run'), change })
  const lines = json.fingerprints.map(
    (fingerprint) => `${json.isDryRun ? 'would have ' : ''}${did} ${fingerprint}`,
  )
  return { json, lines: lines.length === 0 ? ['nothing to do'] : lines }
}

/** The lines of standard input that say something. */
async function wordsOf({ stdin }: SystemCall): Promise<readonly string[]> {
  const text = (await readInput(stdin, inputBytesMax)).toString('utf8')
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const words = lines.filter((line) => line !== '' && !line.startsWith('#'))
  if (words.length > 0) return words
  throw wrongUsage('Cannot run ssh-key: standard input has no key; wanted one a line')
}

function keyOf(line: string, index: number): AuthorizedKey {
  const key = parseKeyLine(line)
  if (key !== undefined && !/\p{Cc}/u.test(line.replaceAll('\t', ' '))) return key
  throw wrongUsage(
    `Cannot add key ${index + 1} of standard input: it is no public key as ssh-keygen makes them; nothing was changed`,
  )
}

function fingerprintOf(line: string, index: number): string {
  const fingerprint = /^SHA256:[A-Za-z0-9+/]{43}$/.test(line) ? line : parseKeyLine(line)?.fingerprint
  if (fingerprint !== undefined) return fingerprint
  throw wrongUsage(
    `Cannot remove key ${index + 1} of standard input: it is neither a public key nor a fingerprint such as SHA256:...; nothing was changed`,
  )
}
