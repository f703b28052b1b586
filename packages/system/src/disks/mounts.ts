/**
 * Reads what is mounted where; see proc_pid_mountinfo(5). Pure but for the file.
 */
import { missing } from '../failure.js'
import { readText } from '../files.js'
import type { Machine } from '../machine.js'

/** One mount. */
export interface Mount {
  /** Major and minor number of what is mounted, such as `254:1`; a name for what has no device. */
  readonly number: string
  /** Where it is mounted. */
  readonly path: string
  readonly fileSystem: string
  /** What is mounted, such as `/dev/vda1`. */
  readonly device: string
}

/** Those that can be seen, in the order in which they were made: what something else was mounted over later is left out. */
export async function readMounts(machine: Machine): Promise<readonly Mount[]> {
  const text = await readText(machine, '/proc/self/mountinfo')
  if (text === undefined)
    throw missing('Cannot tell what is mounted: /proc/self/mountinfo cannot be read; mount /proc')
  return parseMounts(text)
}

/** The lines of mountinfo. */
export function parseMounts(text: string): readonly Mount[] {
  const byPath = new Map<string, Mount>()
  for (const mount of text.split('\n').flatMap(parseLine)) {
    byPath.delete(mount.path)
    byPath.set(mount.path, mount)
  }
  return [...byPath.values()]
}

/** `36 35 98:0 /root /path options [optional fields...] - type device options` */
function parseLine(line: string): readonly Mount[] {
  const [before = '', after = ''] = line.split(' - ', 2)
  const [, , number, , path] = before.split(' ')
  const [fileSystem, device] = after.split(' ')
  if (number === undefined || path === undefined || !fileSystem || device === undefined) return []
  return [{ number, path: unescape(path), fileSystem: unescape(fileSystem), device: unescape(device) }]
}

/** The kernel writes space, tab, newline, `\` and `#` as three octal digits. */
function unescape(field: string): string {
  return field.replace(/\\([0-3][0-7]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  )
}
