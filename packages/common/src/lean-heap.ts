/**
 * Makes a long-running daemon's heap small: V8 lets the young generation grow to 32 MiB under a flood, and does not give it
 * back. Bounded to 1 MiB a half, collections are more frequent.
 * Floor 0. For daemons only: it changes the whole process, and programs that live shortly never notice.
 */
import { setFlagsFromString } from 'node:v8'

const youngMib = 1

/** Bounds the young generation of this process, from its next collection on. */
export function keepHeapLean(): void {
  setFlagsFromString(`--max-semi-space-size=${youngMib}`)
  setFlagsFromString('--semi-space-growth-factor=1')
}
