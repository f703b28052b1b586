/**
 * The kinds of calls of a long life: mostly small ones that succeed, and of all that can happen to a call a share.
 */
import type { CallTarget, Client, RunOptions } from '@negotiator/host'
import type { Random } from '../soak/random.js'

/** A command that sleeps, on both sides. */
export const sleepyName = 'sleepy'
/** A command that the policy denies. */
export const deniedName = 'forbidden'

/** One call, and how it must end. */
export interface PlannedCall {
  readonly kind: CallKind
  readonly call: Omit<CallTarget, 'target'>
  readonly options: RunOptions
  /** The kind of its result. */
  readonly result: string
  /** What it prints, when it prints what it was given. */
  readonly output: string
}

/** What is called, and how. */
export type CallKind =
  | 'module'
  | 'module with input'
  | 'executable'
  | 'unknown'
  | 'denied'
  | 'cancelled'
  | 'timed out'

/** Of a thousand calls: a process costs a hundred times what a module does. */
const shares: Readonly<Record<CallKind, number>> = {
  module: 870,
  'module with input': 50,
  executable: 6,
  unknown: 35,
  denied: 35,
  cancelled: 2,
  'timed out': 2,
}

/** One entry for each of the thousand. */
const kinds: readonly CallKind[] = (Object.keys(shares) as CallKind[]).flatMap((kind) =>
  Array.from({ length: shares[kind] }, () => kind),
)

/** Draws a call. */
export function planCall(random: Random): PlannedCall {
  const kind = random.pick(kinds)
  const word = `word-${random.between(0, 999_999)}`
  const planned = { kind, options: {}, result: 'exited', output: '' }
  switch (kind) {
    case 'module':
      return { ...planned, call: { command: 'echo-fast', args: [word] }, output: `${word}\n` }
    case 'module with input':
      return { ...planned, call: { command: 'echo-fast' }, options: { stdin: word }, output: word }
    case 'executable':
      return { ...planned, call: { command: 'uptime-seconds' } }
    case 'unknown':
      return { ...planned, call: { command: word }, result: 'unknown-command' }
    case 'denied':
      return { ...planned, call: { command: deniedName, args: [word] }, result: 'denied' }
    case 'cancelled': {
      const signal = AbortSignal.timeout(random.between(1, 60))
      return { ...planned, call: { command: sleepyName }, options: { signal }, result: 'cancelled' }
    }
    case 'timed out': {
      const timeoutMs = random.between(1, 60)
      return { ...planned, call: { command: sleepyName }, options: { timeoutMs }, result: 'timed-out' }
    }
  }
}

/** Makes the call. @returns what was wrong with its end, if anything was */
export async function makeCall(
  client: Client,
  { target, planned }: { readonly target: string; readonly planned: PlannedCall },
): Promise<string | undefined> {
  const { kind, call, options, result, output } = planned
  const outcome = await client.run({ target, ...call }, options)
  if (outcome.kind !== result) return `${kind}: it ended as ${outcome.kind} instead of ${result}`
  if (output !== '' && outcome.stdout.toString() !== output)
    return `${kind}: it printed ${JSON.stringify(outcome.stdout.toString())} instead of ${JSON.stringify(output)}`
  return undefined
}
