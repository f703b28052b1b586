/**
 * What a change would do, for `--dry-run`: the files as differences, and the command lines in their order.
 * Pure. Passwords of other interfaces in the same files are masked.
 */
import { createTwoFilesPatch } from 'diff'
import type { NetworkPreview } from '@negotiator/common/system'
import type { FileChange, NetworkChange } from './change.js'
import { line } from './scripts.js'

/** As `--json` prints it. */
export function previewOf({ backend, files, forward, notes }: NetworkChange): NetworkPreview {
  return {
    backend: backend.name,
    files: files.map((file) => ({ path: file.path, difference: differenceOf(file) })),
    commandsBefore: forward.before.map(line),
    commandsAfter: forward.after.map(line),
    notes,
  }
}

function differenceOf({ path, earlier, content }: FileChange): string {
  const from = earlier === undefined ? '/dev/null' : path
  const patch = createTwoFilesPatch(
    from,
    path,
    masked(earlier ?? ''),
    masked(content),
    undefined,
    undefined,
    { context: 2 },
  )
  // A ruler stands before it.
  return patch.slice(patch.indexOf('--- '))
}

/** `password: secret` of netplan, `wpa-psk secret` of ifupdown. */
function masked(text: string): string {
  return text.replace(
    /^(\s*[\w-]*(?:password|psk|secret|passphrase|wep-key|private-key|wpa-key)[\w-]*\s*[:= ]\s*)\S.*$/gim,
    '$1***',
  )
}
