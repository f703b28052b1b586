/**
 * `run`: a remote command as if it were a local one, with its streams, its exit status and Ctrl-C.
 * Floor 8.
 */
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { systemClock } from '../clock.js'
import type { Call } from '../control/call.js'
import type { Client } from '../control/client.js'
import { NegotiatorError } from '../errors.js'
import { escapeControl } from '../log.js'
import { didYouMean } from '../nearest.js'
import type { Result } from '../wire/result.js'
import { deliver } from './deliver.js'
import { exitCodeOf } from './exit-code.js'
import { timingTable } from './timing.js'

/** The terminal that a command is run from. */
export interface Terminal {
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable
  /** Calls `action` at each Ctrl-C, until the returned function is called. */
  readonly onInterrupt: (action: () => void) => () => void
}

/** What to run, and how. */
export interface RunOptions {
  readonly target: string
  readonly command: string
  readonly args: readonly string[]
  readonly timeoutMs?: number | undefined
  readonly hasStdin: boolean
  /** Since when the caller waits, on the clock of the machine: print where the time went. */
  readonly timedSinceMs?: number | undefined
}

/**
 * Runs a remote command.
 * @returns the exit status
 * @throws {SystemError} as `deliver` does, once the command has been ended
 */
export async function runFromTerminal(
  client: Client,
  { terminal, run }: { terminal: Terminal; run: RunOptions },
): Promise<number> {
  const { target, command, args, timeoutMs, hasStdin, timedSinceMs } = run
  const calledMs = systemClock.now()
  const isTimed = timedSinceMs !== undefined
  const call = client.call({ target, command, args }, { timeoutMs, hasStdin, isTimed })
  let interrupts = 0
  let stopListening = (): void => undefined
  const leaving = new Promise<Result>((resolve) => {
    stopListening = terminal.onInterrupt(() => {
      interrupts += 1
      call.cancel()
      if (interrupts > 1) resolve({ kind: 'cancelled', reason: 'you left before the command had ended' })
    })
  })
  const result = await Promise.race([carry(call, { terminal, hasStdin }), leaving]).finally(() =>
    stopListening(),
  )
  const callMs = systemClock.now() - calledMs
  if ('reason' in result) await explain(client, { terminal, run, result })
  if (isTimed)
    terminal.stderr.write(
      timingTable({ connectMs: calledMs - timedSinceMs, callMs, timings: result.timings }),
    )
  return exitCodeOf(result)
}

async function carry(
  call: Call,
  { terminal, hasStdin }: { terminal: Terminal; hasStdin: boolean },
): Promise<Result> {
  // The command may end before it has read everything, which breaks this pipe and means nothing.
  if (hasStdin) void pipeline(terminal.stdin, call.stdin).catch(() => undefined)
  const outputs = Promise.all([deliver(call.stdout, terminal.stdout), deliver(call.stderr, terminal.stderr)])
  // Whoever reads our output has left (`| head`): nobody wants the rest.
  outputs.catch(() => call.cancel())
  const result = await call.result
  await outputs
  return result
}

async function explain(
  client: Client,
  {
    terminal,
    run,
    result,
  }: { terminal: Terminal; run: RunOptions; result: Result & { readonly reason: string } },
): Promise<void> {
  const hint = result.kind === 'unknown-command' ? await suggestion(client, run) : ''
  terminal.stderr.write(
    `${run.command} on ${run.target}: ${result.kind}: ${escapeControl(result.reason)}${hint}\n`,
  )
}

async function suggestion(client: Client, { target, command }: RunOptions): Promise<string> {
  try {
    const names = (await client.commands(target)).map(({ name }) => name)
    // A python-negotiator's command may be called unknown and yet be there.
    if (names.includes(command)) return ''
    return didYouMean(command, names) || '; the subcommand `commands` lists what can be called'
  } catch (error) {
    if (error instanceof NegotiatorError) return '' // It was a courtesy; the result stands without it.
    throw error
  }
}
