/**
 * Keeps a long-running daemon's heap small: V8 lets the young generation grow to 32 MiB under a flood, and lets as much die in
 * the old one as lives there before it looks.
 * Floor 0. For daemons only: it changes the whole process, and programs that live shortly never notice.
 */
import { setFlagsFromString } from 'node:v8'

const youngMib = 1

/** Bounds the young generation of this process from its next collection on; the old one grows by a third at most between two. */
export function keepHeapLean(): void {
  setFlagsFromString(`--max-semi-space-size=${youngMib}`)
  keepYoungSmall()
  // Each new isolate sets it back to 2 for all of the process, and the young generation would grow to 16 MiB after all.
  // (`Heap::ConfigureHeap`)
  process.on('worker', (worker) => worker.once('online', keepYoungSmall))
  // Code that runs often is compiled later, and takes less room.
  setFlagsFromString('--optimize-for-size')
}

function keepYoungSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}
