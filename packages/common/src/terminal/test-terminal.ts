/**
 * A terminal in memory, with a Ctrl-C that a test presses.
 * Floor 8, for tests.
 */
import { Readable, Writable } from 'node:stream'
import type { Terminal } from './run.js'

/** A terminal, and what has become of it. */
export interface TestTerminal extends Terminal {
  readonly printed: () => string
  readonly complained: () => string
  /** Waits until a text is on standard output. */
  readonly untilPrinted: (text: string) => Promise<void>
  /** Presses Ctrl-C. */
  readonly interrupt: () => void
  /** Who still hears Ctrl-C. */
  readonly listenerCount: () => number
}

/** Makes a terminal; its input is empty and its outputs are kept unless others are given. */
export function testTerminal({ stdin, stdout }: { stdin?: Readable; stdout?: Writable } = {}): TestTerminal {
  const [out, err] = [new KeptText(), new KeptText()]
  const listeners = new Set<() => void>()
  return {
    stdin: stdin ?? Readable.from([]),
    stdout: stdout ?? out,
    stderr: err,
    onInterrupt: (action) => {
      listeners.add(action)
      return () => void listeners.delete(action)
    },
    printed: () => out.text,
    complained: () => err.text,
    untilPrinted: async (text) => await out.until(text),
    interrupt: () => {
      for (const listener of listeners) listener()
    },
    listenerCount: () => listeners.size,
  }
}

class KeptText extends Writable {
  text = ''

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString()
    this.emit('kept')
    done()
  }

  async until(text: string): Promise<void> {
    while (!this.text.includes(text)) await new Promise<void>((resolve) => this.once('kept', resolve))
  }
}
