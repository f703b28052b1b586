/**
 * `audit`: what was called, by whom, and what became of it.
 * Floor 8. It reads the log's files, so it works without the daemon, for root and the files' group.
 */
import { Readable } from 'node:stream'
import type { Command } from 'commander'
import { systemClock } from '../../clock.js'
import { NegotiatorError, SystemError, UsageError } from '../../errors.js'
import { heading, jsonLine, peopleLine } from '../audit/audit-format.js'
import { countOption, resultOption, sinceOption } from '../audit/audit-filter.js'
import type { AuditFilter } from '../audit/audit-filter.js'
import { readAudit } from '../audit/read-audit.js'
import type { AuditReading } from '../audit/read-audit.js'
import { deliver } from '../deliver.js'
import { troubleExitCode } from '../exit-code.js'
import type { ProgramContext } from '../program-context.js'

interface AuditOptions {
  readonly follow?: boolean
  readonly json?: boolean
  readonly caller?: string
  readonly target?: string
  readonly command?: string
  readonly result?: string
  readonly since?: number
  readonly lines?: number
}

/** Lines that are shown before those that come, unless told otherwise: as `tail` has it. */
const followedCount = 10

/** `audit` */
export function auditCommand(context: ProgramContext): Command {
  return context
    .subcommand('audit', {
      summary: 'tell what was called, by whom, and what became of it',
      example: 'audit --since 1h --result denied',
    })
    .option('-f, --follow', 'go on with what comes, until Ctrl-C')
    .option('--json', "print the log's own lines, JSON each")
    .option('--caller <name>', 'calls of this one only, by name or uuid')
    .option('--target <name>', 'calls to this one only, by name or uuid')
    .option('--command <name>', 'calls of this command only')
    .option('--result <kind>', 'calls that ended so, e.g. denied', resultOption)
    .option('--since <time>', 'calls that came since, e.g. 30m, 2h, 7d or 2026-11-21', (text) =>
      sinceOption(text, Date.now()),
    )
    .option('-n, --lines <count>', 'the last so many only', countOption)
    .action(async (_options, command: Command) => await tell(context, command))
}

async function tell(context: ProgramContext, command: Command): Promise<void> {
  const { terminal, output } = context.options
  const { follow, json } = command.opts<AuditOptions>()
  const stop = new AbortController()
  const path = auditFile((await context.config(command))['audit-file'])
  const complain = (sentence: string): void => {
    output.stderr(`${context.name}: ${sentence}\n`)
    context.exitCode = troubleExitCode
  }
  const reading = { ...wantedOf(command), path, clock: systemClock, complain }
  const text = auditText({ ...reading, follow: follow === true ? stop.signal : undefined }, json === true)
  const end = (): void => stop.abort()
  // Who has left wants nothing more, and nothing more may come for a long time.
  terminal.stdout.once('error', end)
  const stopListening = follow === true ? terminal.onInterrupt(end) : () => undefined
  try {
    await deliver(Readable.from(text), terminal.stdout)
  } catch (error) {
    // What reading has to say of the file comes out of the output as its cause.
    throw error instanceof SystemError && error.cause instanceof NegotiatorError ? error.cause : error
  } finally {
    stopListening()
    terminal.stdout.off('error', end)
  }
}

function auditFile(path: string): string {
  if (path !== '') return path
  throw new UsageError(
    'Cannot read the audit log: none is kept, for "audit-file" is "" in the configuration; take that line out and restart the daemon',
    { code: 'no-audit-log' },
  )
}

function wantedOf(command: Command): Pick<AuditReading, 'filter' | 'count'> {
  const { caller, target, command: name, result, since, follow, lines } = command.opts<AuditOptions>()
  const filter: AuditFilter = { caller, target, command: name, result, sinceMs: since }
  const count = lines ?? (follow === true && since === undefined ? followedCount : undefined)
  return { filter, count }
}

async function* auditText(reading: AuditReading, isJson: boolean): AsyncGenerator<string, void, undefined> {
  let isHeaded = isJson
  for await (const entry of readAudit(reading)) {
    if (!isHeaded) yield heading
    isHeaded = true
    yield isJson ? jsonLine(entry) : peopleLine(entry)
  }
}
