/**
 * The program behind `pnpm fuzz`: fuzzes the targets one after another, tells figures, and keeps what it finds.
 */
import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { keep } from './corpus.js'
import { Coverage } from './coverage.js'
import { fuzz } from './fuzz.js'
import type { FuzzReport } from './fuzz.js'
import type { Target } from './target.js'

interface RunFuzzOptions {
  readonly targets: readonly Target[]
  /** For each target. */
  readonly seconds: number
  readonly seed: number
  readonly say: (line: string) => void
}

/** Fuzzes. @returns how many promises were broken */
export async function runFuzz({ targets, seconds, seed, say }: RunFuzzOptions): Promise<number> {
  say(`seed ${seed}: run again with --seed ${seed}`)
  say('target             executions        a second  kept  new code  slowest input')
  const coverage = new Coverage()
  coverage.start()
  let findingCount = 0
  try {
    for (const target of targets) {
      const startMs = performance.now()
      const goOn = (): boolean => performance.now() - startMs < seconds * 1000
      const before = coverage.ranCount
      const report = await fuzz(target, { seed, goOn, coverage })
      say(figures(target, report, { ms: performance.now() - startMs, newCount: coverage.ranCount - before }))
      for (const finding of report.findings) say(tell(target, finding))
      findingCount += report.findings.length
      await setImmediate()
    }
  } finally {
    coverage.stop()
  }
  return findingCount
}

function figures(
  { name }: Target,
  { runCount, keptCount, slowestMs, slowestInput }: FuzzReport,
  { ms, newCount }: { ms: number; newCount: number },
): string {
  const rate = Math.round((runCount * 1000) / ms)
  const columns = [
    name.padEnd(18),
    String(runCount).padStart(11),
    String(rate).padStart(15),
    String(keptCount).padStart(5),
    String(newCount).padStart(9),
    `  ${slowestMs.toFixed(1)} ms for ${slowestInput.length} bytes`,
  ]
  return columns.join(' ')
}

function tell(target: Target, { input, error }: FuzzReport['findings'][number]): string {
  const path = keep(target, { input, words: error.message })
  const head = `FINDING: ${target.name} ${target.promise}; but: ${error.name}: ${error.message.slice(0, 500)}`
  const where = error.stack?.split('\n').find((line) => line.includes('/packages/')) ?? ''
  return `${head}\n${where}\n  kept in ${path}; again: pnpm fuzz --replay ${path}`
}
