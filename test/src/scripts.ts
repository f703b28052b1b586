/**
 * The commands that the stories call: tiny, each named for what it does. They run in guests and on the host.
 */
import type { Script } from './machine/story.js'

const shell = (name: string, body: string): Script => ({ name, text: `#!/bin/sh\n${body}\n` })

/** Prints each argument between brackets, so that borders, blanks and newlines can be seen. */
export const printArguments: Script = shell(
  'print-arguments',
  `for argument; do printf '[%s]' "$argument"; done`,
)

/** Copies its input to its output. */
export const copy: Script = shell('copy', 'exec cat')

/** Prints so many zero bytes. */
export const zeros: Script = shell('zeros', 'exec head -c "$1" /dev/zero')

/** Counts the bytes of its input. */
export const count: Script = shell('count', 'exec wc -c')

/** Says one thing on each output. */
export const sayBoth: Script = shell('say-both', 'echo to-stdout; echo to-stderr >&2')

/** Ends with the status that it is told. */
export const exitWith: Script = shell('exit-with', 'exit "$1"')

/** Ends itself with the signal that it is told. */
export const dieBy: Script = shell('die-by', 'kill -"$1" $$; sleep 60')

/** Leaves a note, then lives for a minute with a child and a grandchild; prints a line once all three run. */
export const family: Script = shell(
  'family',
  `(sh -c 'echo $$ >> "$0"; exec sleep 61' "$1" & exec sleep 62) & echo $! >> "$1"; echo $$ >> "$1"
until [ "$(wc -l < "$1")" -ge 3 ]; do sleep 0.05; done
echo running; wait; sleep 60`,
)

/** Notes its argument in a file, so that each execution can be counted, and lives on as long as it is told. */
export const note: Script = shell('note', 'echo "$2" >> "$1"; echo noted; exec sleep "${3:-0}"')

export const allScripts: readonly Script[] = [
  printArguments,
  copy,
  zeros,
  count,
  sayBoth,
  exitWith,
  dieBy,
  family,
  note,
]
