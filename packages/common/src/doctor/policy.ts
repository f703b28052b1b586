/**
 * Check: may the policy be read, and is what its files say in force?
 * Floor 8. The files are looked at as they are now; the daemon says what is in force.
 */
import { placeOfProblem } from '../policy/fault.js'
import type { PolicyProblem } from '../policy/fault.js'
import { readPolicy } from '../policy/read-policy.js'
import type { DaemonPolicy } from './daemon-answer.js'
import type { Check } from './examine.js'
import type { Finding } from './finding.js'
import { programOf } from './scene.js'
import type { Scene } from './scene.js'

/** Looks at the administrator's policy files, and at the daemon's policy. */
export const policyCheck: Check<Scene> = { name: 'policy', look }

async function look(scene: Scene): Promise<readonly Finding[]> {
  const { problems } = await readPolicy({ folder: scene.config['policy-folder'] })
  const policy = scene.daemon.kind === 'answers' ? scene.daemon.status.policy : undefined
  const faults = problems.map((problem) => fault(problem, { scene, policy }))
  if (faults.length > 0 || policy === undefined) return faults
  if (policy.deniesAll || policy.isStale) return [behind(scene, policy)]
  const [rules, files] = [counted(policy.ruleCount, 'rule'), counted(policy.fileCount, 'file')]
  return [{ severity: 'ok', found: `the policy is in force: ${rules} in ${files}` }]
}

function fault(
  problem: PolicyProblem,
  { scene, policy }: { scene: Scene; policy: DaemonPolicy | undefined },
): Finding {
  const { path, message, fix } = problem
  const isDenied = policy === undefined || policy.deniesAll
  return {
    severity: 'error',
    code: 'policy-fault',
    found: `the policy has a fault at ${placeOfProblem(problem)} ("${path}"): ${message.replace(`; ${fix}`, '')}`,
    why: isDenied
      ? 'Without a good policy every call is denied.'
      : 'The last good policy stays in force until this is mended, whatever else the files say.',
    mend: `${fix}\n${programOf(scene)} policy lint    # tells whether all is well`,
  }
}

/** The files are well, and the daemon has others: the shipped one is at fault, or it could not watch. */
function behind(scene: Scene, { deniesAll, problem }: DaemonPolicy): Finding {
  return {
    severity: 'error',
    code: deniesAll ? 'policy-denies-all' : 'policy-stale',
    found: `the daemon ${deniesAll ? 'has no good policy and denies every call' : 'goes by an older policy than the files'}${problem === undefined ? '' : `: ${problem}`}`,
    why: 'What the files say is not what happens.',
    mend: `kill -HUP ${scene.daemon.kind === 'answers' ? scene.daemon.status.processId : 'PID'}    # it reads the policy anew, and its log says what is wrong`,
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
