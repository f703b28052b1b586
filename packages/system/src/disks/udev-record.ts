/**
 * What udev has found out about a device. A machine without udev has no such records.
 */
import { readText } from '../files.js'
import type { Machine } from '../machine.js'

/** Its properties by name, such as `ID_FS_TYPE`. @param number such as `254:1` */
export async function readUdevRecord(machine: Machine, number: string): Promise<ReadonlyMap<string, string>> {
  const text = (await readText(machine, `/run/udev/data/b${number}`)) ?? ''
  const lines = text.split('\n').map((line) => /^E:([^=]+)=(.+)$/.exec(line))
  return new Map(
    lines.flatMap((found) => (found === null ? [] : [[found[1] ?? '', unescape(found[2] ?? '')]])),
  )
}

/** udev writes bytes that are not safe in a file name as `\x20`. */
function unescape(value: string): string {
  return value.replace(/\\x([0-9a-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  )
}
