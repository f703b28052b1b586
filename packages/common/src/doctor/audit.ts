/**
 * Check: is each call written down, and only for those who may read it?
 * Floor 8. The daemon knows whether it can write; nobody else may try it for it.
 */
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemCodeOf } from '../errors.js'
import type { DaemonAudit } from './daemon-answer.js'
import type { Check } from './examine.js'
import type { Fault, Finding } from './finding.js'
import { programOf, restartLine } from './scene.js'
import type { Scene } from './scene.js'
import { shellWord } from '../shell-word.js'

/** Looks at the audit log. */
export const auditCheck: Check<Scene> = { name: 'audit', look }

async function look(scene: Scene): Promise<readonly Finding[]> {
  if (scene.config['audit-file'] === '') return [off(scene)]
  // Without a daemon there are no calls, and one that tells nothing of an audit log is told as too old.
  const audit = scene.daemon.kind === 'answers' ? scene.daemon.status.audit : undefined
  if (audit === undefined) return []
  if (audit.problem !== undefined) return [unwritable(scene, audit)]
  const lost = audit.lost > 0 ? [someLost(audit)] : []
  const file = await fileFinding(scene, audit)
  if (file !== undefined) return [...lost, file]
  return [...lost, { severity: 'ok', found: `the audit log "${audit.path}" is written` }]
}

async function fileFinding(scene: Scene, { path }: DaemonAudit): Promise<Fault | undefined> {
  if (path === '') return notYet(scene)
  const stats = await stat(path).catch((error: unknown) => systemCodeOf(error))
  if (stats === 'ENOENT') return missing(path)
  // Who may not look at it is not told: neither may he read it.
  if (stats === undefined || typeof stats === 'string') return undefined
  return (stats.mode & 0o007) === 0 ? undefined : open(path)
}

function off({ side }: Scene): Fault {
  return {
    severity: 'note',
    code: 'audit-off',
    found: `no audit log is kept: "audit-file" is "" in the configuration`,
    why: 'Nobody can tell later who called what.',
    mend: `Take "audit-file" out of /etc/negotiator/${side}.toml, and:\n${restartLine({ side })}`,
  }
}

function notYet(scene: Scene): Fault {
  return {
    severity: 'note',
    code: 'audit-off',
    found: 'the daemon was started when the configuration wanted no audit log, and keeps none',
    why: 'Nobody can tell later who called what.',
    mend: restartLine(scene),
  }
}

/** What mends a file that cannot be written, by the system's name for the fault. */
const mends: Readonly<Record<string, (path: string) => string>> = {
  ENOSPC: (path) => `df -h ${shellWord(dirname(path))}    # and make room; it goes on by itself`,
  EDQUOT: (path) => `df -h ${shellWord(dirname(path))}    # and raise the quota; it goes on by itself`,
  EISDIR: (path) => `rmdir ${shellWord(path)}    # a folder is in the file's place`,
  ELOOP: (path) => `rm ${shellWord(path)}    # a link is in the file's place, and it is not followed`,
  EROFS: (path) =>
    `Set "audit-file" to a place that can be written, or: findmnt -T ${shellWord(dirname(path))}`,
}

function unwritable(scene: Scene, { path, problem = '', lost }: DaemonAudit): Fault {
  const mend = mends[problem] ?? ((file: string) => `ls -ld ${shellWord(dirname(file))} ${shellWord(file)}`)
  return {
    severity: 'warning',
    code: 'audit-unwritable',
    found: `the daemon cannot write the audit log "${path}": ${problem}; ${countOf(lost)} lost since it was started`,
    why: `Calls go on, and leave no trace for \`${programOf(scene)} audit\`.`,
    mend: mend(path),
  }
}

function someLost({ path, lost }: DaemonAudit): Fault {
  return {
    severity: 'note',
    code: 'audit-lost',
    found: `${countOf(lost)} lost from the audit log "${path}" since the daemon was started; it is written again`,
    why: 'These calls were made, and left no trace there.',
    mend: 'The daemon\'s own log tells when and why: look for "audit log".',
  }
}

function missing(path: string): Fault {
  return {
    severity: 'note',
    code: 'audit-missing',
    found: `the audit log "${path}" was moved or removed since the last call`,
    why: 'The daemon makes it anew at the next call; after a rotation that is as it should be.',
    mend: `ls -l ${shellWord(dirname(path))}    # what was rotated lies beside it`,
  }
}

function open(path: string): Fault {
  return {
    severity: 'warning',
    code: 'audit-readable',
    found: `every user of this machine may read the audit log "${path}"`,
    why: 'It tells who called what, and where a rule says audit=full with which arguments.',
    mend: `chmod o= ${shellWord(path)}    # and let logrotate create it with 0640`,
  }
}

function countOf(lost: number): string {
  return lost === 1 ? '1 record was' : `${lost} records were`
}
