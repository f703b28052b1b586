/**
 * Lets go of what only a program's start needed of its files: three quarters of a small Node daemon's resident memory are
 * pages of `node` and its libraries, and most are never looked at again.
 * Floor 1. For daemons only. What is needed again the kernel maps again, from its cache; nothing is written, nothing copied.
 */
import { readFile } from 'node:fs/promises'
import type { Koffi } from './koffi.js'

/** Of <asm-generic/mman-common.h>, the same on each processor that koffi is built for. */
const MADV_DONTNEED = 4

/** A piece of this process's address space. */
interface Mapping {
  readonly address: bigint
  readonly byteCount: number
}

/**
 * Unmaps the pages of programs and libraries; the next use of one costs a page fault, and a read where the kernel was short of memory.
 * @throws {Error} where /proc is not to be seen, or the C library has no madvise(2)
 */
export async function returnStartPages(koffi: Koffi): Promise<void> {
  const madvise: (address: bigint, byteCount: number, advice: number) => number = koffi
    .load(null)
    .func('int madvise(uintptr_t address, size_t byteCount, int advice)')
  const smaps = await readFile('/proc/self/smaps', 'latin1')
  for (const { address, byteCount } of unchangedMappings(smaps)) madvise(address, byteCount, MADV_DONTNEED)
}

/** One line above the figures of a mapping: addresses, permissions, offset, device, inode, file. @see man 5 proc_pid_maps */
const heading = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p [0-9a-f]+ \S+ \d+ +\//m

/**
 * The mappings of files that nobody may write to and nobody has. What a dynamic linker has changed before it took the right to
 * write away would be lost; the kernel counts such pages as anonymous.
 * @param smaps as /proc/PID/smaps has it
 */
export function unchangedMappings(smaps: string): readonly Mapping[] {
  return smaps.split(/\n(?=[0-9a-f]+-[0-9a-f]+ )/).flatMap((text) => {
    const [, from, to] = heading.exec(text) ?? []
    if (from === undefined || !/^Anonymous: +0 kB$/m.test(text)) return []
    const address = BigInt(`0x${from}`)
    return [{ address, byteCount: Number(BigInt(`0x${to}`) - address) }]
  })
}
