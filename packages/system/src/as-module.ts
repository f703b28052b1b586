/**
 * Makes a module command of a system command: reads its arguments, prints its answer, and says why it failed.
 * Never shows what a terminal obeys: names of users, disks and mount points are whatever somebody called them.
 */
import type { Answer, SystemCommand } from './command.js'
import { CommandFailure } from './failure.js'
import { localMachine } from './local-machine.js'
import type { Machine } from './machine.js'
import { readArguments } from './read-arguments.js'

/** What a module command is called with; commands/README.md is the contract. */
export interface ModuleFace {
  readonly args: readonly string[]
  readonly caller: string
  readonly callerKind: string
  readonly stdin: AsyncIterable<Uint8Array>
  readonly signal: AbortSignal
  readonly write: (content: string | Uint8Array) => Promise<void>
  readonly writeError: (content: string) => Promise<void>
}

/** @returns the function that a module command exports; it gives the exit status */
export function asModule(
  command: SystemCommand,
  machine: Machine = localMachine,
): (face: ModuleFace) => Promise<number> {
  return async (face) => {
    try {
      await runCommand(command, { face, machine })
      return 0
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error
      await face.writeError(`${printable(error.message)}\n`)
      return error.exitCode
    }
  }
}

async function runCommand(
  command: SystemCommand,
  { face, machine }: { face: ModuleFace; machine: Machine },
): Promise<void> {
  const { args, caller: name, callerKind: kind, stdin, signal, write } = face
  const { isJson, options, operands } = readArguments(command, args)
  const call = { machine, options, operands, stdin, signal, write, caller: { kind, name } }
  const answer = await command.run(call)
  if (answer !== undefined) await write(isJson ? `${JSON.stringify(answer.json)}\n` : linesOf(answer))
}

function linesOf({ lines }: Answer): string {
  return lines.map((line) => `${printable(line)}\n`).join('')
}

/** Control characters as `\xNN` or `\uNNNN`, so that a line stays one. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.charCodeAt(0)
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
  })
}
