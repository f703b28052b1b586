/**
 * The terminal of this process.
 * Floor 8.
 */
import type { Terminal } from './run.js'

/** Standard input, both outputs, and Ctrl-C. */
export const processTerminal: Terminal = {
  get stdin() {
    return process.stdin
  },
  get stdout() {
    return process.stdout
  },
  get stderr() {
    return process.stderr
  },
  onInterrupt: (action) => {
    process.on('SIGINT', action)
    return () => void process.off('SIGINT', action)
  },
}
