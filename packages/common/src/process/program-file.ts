/**
 * What the first bytes of a command's file say of it: a program, a script and its interpreter, or neither.
 * Floor 4. It reads a little of the file and runs nothing.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs'

/** What a file is, as the kernel will take it. */
export type ProgramFile =
  | { readonly kind: 'program' }
  | { readonly kind: 'script'; readonly interpreter: string }
  | { readonly kind: 'neither' }
  /** What may not be read may still be run; starting it tells. */
  | { readonly kind: 'unreadable' }

/** Bytes of the first line that the kernel reads. @see execve(2) */
const firstLineBytes: number = 256

/** Looks at a file. */
export function inspectProgram(path: string): ProgramFile {
  const head = headOf(path)
  if (head === undefined) return { kind: 'unreadable' }
  if (head.startsWith('\x7fELF')) return { kind: 'program' }
  if (!head.startsWith('#!')) return { kind: 'neither' }
  return { kind: 'script', interpreter: /^#![ \t]*([^ \t\n\0]*)/.exec(head)?.[1] ?? '' }
}

function headOf(path: string): string | undefined {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const head = Buffer.alloc(firstLineBytes)
      return head.toString('latin1', 0, readSync(file, head))
    } finally {
      closeSync(file)
    }
  } catch {
    return undefined
  }
}
