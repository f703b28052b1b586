/**
 * Looks at everything: a list of checks, side by side, none of which can hold up or bring down the others.
 * Floor 8. A new check is one more entry in the list that is given here.
 */
import type { Clock } from '../clock.js'
import { sentenceOf } from '../errors.js'
import type { Finding } from './finding.js'

/** Looks at one thing. It changes nothing, connects to no channel and opens no port: whoever holds them is not disturbed. */
export interface Check<Scene> {
  /** Of what it looks at, e.g. `ports`. */
  readonly name: string
  /** Gives nothing when there is nothing to look at, or when another check tells the cause. */
  readonly look: (scene: Scene) => Promise<readonly Finding[]>
}

/** A finding, and which check made it. */
export type CheckedFinding = Finding & { readonly check: string }

interface Examination<Scene> {
  readonly checks: readonly Check<Scene>[]
  readonly scene: Scene
  readonly clock: Clock
}

/** Longer than any check needs on a machine in trouble, shorter than a person's patience. */
const checkTimeoutMs = 20_000

/** Makes all checks. @returns their findings, in the order of the checks */
export async function examine<Scene>({
  checks,
  scene,
  clock,
}: Examination<Scene>): Promise<readonly CheckedFinding[]> {
  const looks = checks.map(async ({ name, look }) => {
    const findings = await limited(async () => await look(scene), clock).catch((error: unknown) => [
      failed(name, sentenceOf(error)),
    ])
    return findings.map((finding) => ({ ...finding, check: name }))
  })
  return (await Promise.all(looks)).flat()
}

async function limited<Value>(look: () => Promise<Value>, clock: Clock): Promise<Value> {
  return await new Promise((resolve, reject) => {
    const timer = clock.setTimer(checkTimeoutMs, () =>
      reject(new Error(`it took more than ${checkTimeoutMs / 1000} seconds`)),
    )
    void look()
      .then(resolve, reject)
      .finally(() => timer.cancel())
  })
}

function failed(name: string, reason: string): Finding {
  return {
    severity: 'warning',
    code: 'check-failed',
    found: `the check "${name}" could not be made: ${reason}`,
    why: 'A fault that it would have found stays hidden.',
    mend: 'Run the doctor again, as root.',
  }
}
