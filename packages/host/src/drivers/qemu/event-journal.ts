/**
 * What a machine's QEMU tells of itself, kept as a file: a third end of its monitor, which reads its one line from a file and writes
 * every event into another. So how a machine ended can be told by a daemon that was not there.
 * @see https://www.qemu.org/docs/master/interop/qemu-qmp-ref.html, SHUTDOWN and ShutdownCause
 */
import { watch } from 'node:fs'
import { open, stat, truncate, writeFile } from 'node:fs/promises'
import type { MachineEnd } from '../machines.js'

/** What the journal comes to. `silent`: the machine has not said anything yet; `told`: somebody told it to end. */
export type JournalEnd = MachineEnd | 'told' | 'none' | 'silent'

/** A machine says little; a guest that makes it say much is not read for ever. */
const readBytesMax = 64 * 1024

/** Some thousand events. */
const keptBytesMax = 256 * 1024

/** Of `stat`'s blocks, whatever the file system's are. */
const blockBytes = 512

const ends: Readonly<Record<string, JournalEnd>> = {
  'guest-shutdown': 'poweroff',
  'guest-reset': 'reboot',
  'host-qmp-system-reset': 'reboot',
  'subsystem-reset': 'reboot',
  'guest-panic': 'crash',
  'host-error': 'crash',
  'host-qmp-quit': 'told',
  'host-signal': 'told',
}

/** Makes both files, before QEMU opens them. @param path without their endings, as QEMU wants it */
export async function makeJournal(path: string): Promise<void> {
  await writeFile(`${path}.in`, '{"execute":"qmp_capabilities"}\n', { mode: 0o600 })
  await writeFile(`${path}.out`, '', { mode: 0o600 })
}

/** Reads the last end that the machine told. A journal that cannot be read is `silent`. */
export async function readJournal(path: string): Promise<JournalEnd> {
  const text = await readEnd(`${path}.out`).catch(() => '')
  if (text === '') return 'silent'
  // Whoever lets an ended machine go on has forgiven how it ended.
  const last = [
    ...text.matchAll(
      /"event": ?"(?:(RESUME|GUEST_PANICKED)"|SHUTDOWN", ?"data": ?\{[^}]*"reason": ?"([^"]*)")/g,
    ),
  ].at(-1)
  if (last?.[1] === 'GUEST_PANICKED') return 'crash'
  return ends[last?.[2] ?? ''] ?? 'none'
}

/** Begins to listen at once, for who looks in between. @returns what is aborted when the machine has said something */
export function journalSign(
  path: string,
  signal: AbortSignal,
): { readonly heard: AbortSignal; readonly close: () => void } {
  const over = new AbortController()
  const heard = AbortSignal.any([over.signal, signal])
  try {
    const watcher = watch(`${path}.out`, () => over.abort())
    watcher.on('error', () => undefined) // It is looked at again all the same.
    heard.addEventListener('abort', () => watcher.close(), { once: true })
  } catch {
    // The machine is not there.
  }
  return { heard, close: () => over.abort() }
}

/**
 * Empties the journal of a machine that goes on and has said much: a guest may reset its machine as often as it likes, and what lies
 * below /run is memory. QEMU writes on behind a hole, which takes none.
 */
export async function trimJournal(path: string): Promise<void> {
  const stats = await stat(`${path}.out`).catch(() => undefined)
  // Its beginning stays: one that is empty is a machine's that was never there.
  if (stats !== undefined && stats.blocks * blockBytes > keptBytesMax)
    await truncate(`${path}.out`, blockBytes)
}

async function readEnd(path: string): Promise<string> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const length = Math.min(size, readBytesMax)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}
