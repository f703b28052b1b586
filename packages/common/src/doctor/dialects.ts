/**
 * Check: are the dialects of the configuration mounted?
 * Floor 8. That nobody is at the other end is no fault: peers of other systems come and go.
 */
import type { DaemonDialect } from './daemon-answer.js'
import type { Check } from './examine.js'
import type { Fault, Finding } from './finding.js'
import { restartLine } from './scene.js'
import type { Scene } from './scene.js'

/** Looks at what the daemon tells of its mounts. */
export const dialectsCheck: Check<Scene> = {
  name: 'dialects',
  look: async (scene) => await Promise.resolve(look(scene)),
}

function look(scene: Scene): readonly Finding[] {
  if (scene.daemon.kind !== 'answers') return []
  const { dialects } = scene.daemon.status
  const wanted = scene.config.dialects.map(({ dialect }) => dialect)
  const told = dialects.map(({ dialect }) => dialect)
  // A host has one for each of its guests, and may have no guest.
  const isOther = scene.side === 'guest' && wanted.toSorted().join('\n') !== told.toSorted().join('\n')
  return [...(isOther ? [otherThanConfigured(scene)] : []), ...dialects.map(finding)]
}

function finding({ dialect, place, guest, state, problem }: DaemonDialect): Finding {
  const what = `the dialect "${dialect}" on "${place}"`
  if (state === 'connected')
    return { severity: 'ok', guest, found: `${what} is mounted, and somebody is connected` }
  if (problem === undefined)
    return { severity: 'ok', guest, found: `${what} is mounted, and nobody is connected` }
  return {
    severity: 'warning',
    code: 'dialect-problem',
    guest,
    found: `${what} is not served: ${problem}`,
    why: 'Whoever speaks it to this machine gets no answer.',
    mend: 'Mend what is told above; the daemon tries again by itself every few seconds.',
  }
}

function otherThanConfigured(scene: Scene): Fault {
  return {
    severity: 'warning',
    code: 'dialects-changed',
    found: 'the daemon was started when the configuration had other [[dialects]]',
    why: 'It speaks those, and not what is configured now.',
    mend: restartLine(scene),
  }
}
