/**
 * Runs tools that change the machine. What has begun is finished, whether the caller waits for it or not: half a change is none.
 */
import { failed, missing } from './failure.js'
import type { Machine, ToolResult } from './machine.js'

/** A tool takes this long only when it hangs. */
const timeoutMs = 60_000

interface Change {
  readonly tool: string
  readonly args: readonly string[]
  readonly input?: string
}

/** @returns how it ended, or `undefined` when this machine has no such tool */
export async function tryChange(
  { run }: Machine,
  { tool, args, input = '' }: Change,
): Promise<ToolResult | undefined> {
  return await run(tool, args, { input, timeoutMs, signal: new AbortController().signal })
}

/**
 * Runs one that must be there and must succeed.
 * @param change with the beginning of the sentence for when it does not, such as `Cannot set the host name`
 * @throws {CommandFailure}
 */
export async function runChange(
  machine: Machine,
  { purpose, ...change }: Change & { readonly purpose: string },
): Promise<ToolResult> {
  const result = await tryChange(machine, change)
  if (result === undefined) throw missing(`${purpose}: this machine has no ${change.tool}`)
  if (result.exitCode !== 0) throw failed(`${purpose}: ${endingOf(change.tool, result)}`)
  return result
}

/** How a tool failed, with the first line of what it said. @param secret what that must not show */
export function endingOf(tool: string, { exitCode, stderr }: ToolResult, secret = ''): string {
  const ending = exitCode === undefined ? 'did not end by itself' : `ended with status ${exitCode}`
  const said = (secret === '' ? stderr : stderr.replaceAll(secret, '***')).trim().split('\n')[0] ?? ''
  return said === '' ? `${tool} ${ending}` : `${tool} ${ending} and said ${JSON.stringify(said)}`
}
