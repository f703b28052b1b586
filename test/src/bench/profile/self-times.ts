/**
 * Where a program's time went, by function: V8's CPU profile, cut to a stretch of it. Pure.
 */

/** As `node --cpu-prof` writes it. @see the Chrome DevTools protocol, Profiler.Profile */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[]
  /** The node that ran at each sample. */
  readonly samples: readonly number[]
  /** Microseconds from one sample to the next. */
  readonly timeDeltas: readonly number[]
}

interface ProfileNode {
  readonly id: number
  readonly callFrame: {
    readonly functionName: string
    readonly url: string
    /** From 0 on. */
    readonly lineNumber: number
  }
}

/** A function and its own time, without that of what it called. */
export interface SelfTime {
  readonly title: string
  readonly ms: number
}

/** @param lastMs how much of the profile's end is looked at. @returns the longest first */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile, lastMs: number): readonly SelfTime[] {
  const titles = new Map(nodes.map((node) => [node.id, titleOf(node)]))
  const times = new Map<string, number>()
  let leftUs = lastMs * 1000
  for (let index = samples.length - 1; index >= 0 && leftUs > 0; index -= 1) {
    const deltaUs = timeDeltas[index] ?? 0
    const title = titles.get(samples[index] ?? -1) ?? '(unknown)'
    times.set(title, (times.get(title) ?? 0) + deltaUs / 1000)
    leftUs -= deltaUs
  }
  return [...times].map(([title, ms]) => ({ title, ms })).toSorted((one, other) => other.ms - one.ms)
}

/** Node's own functions have a module's name, V8's a name in round brackets, and what a bundler left anonymous its line. */
function titleOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  if (url === '') return functionName === '' ? '(native)' : functionName
  const file = url.slice(url.lastIndexOf('/') + 1).replace(/-[A-Z0-9]{8}\.js$/, '.js')
  const place = url.startsWith('node:') ? url : file
  return `${functionName === '' ? `line ${lineNumber + 1}` : functionName} (${place})`
}
