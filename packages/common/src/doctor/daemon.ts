/**
 * Check: does this machine's daemon run, and may we talk to it?
 * Floor 8.
 */
import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { version } from '../version.js'
import type { DaemonStatus } from './daemon-answer.js'
import type { Check } from './examine.js'
import type { Fault, Finding } from './finding.js'
import { nameOf } from './processes.js'
import { programOf, restartLine } from './scene.js'
import type { Scene } from './scene.js'

/** Looks at the daemon through its control socket, and at its process where that is silent. */
export const daemonCheck: Check<Scene> = { name: 'daemon', look: async (scene) => [await look(scene)] }

async function look(scene: Scene): Promise<Finding> {
  const { daemon } = scene
  switch (daemon.kind) {
    case 'answers':
      return running(scene, daemon.status)
    case 'missing':
    case 'dead':
      return await down(scene, daemon.kind)
    case 'denied':
      return await denied(scene)
    case 'hung':
      return await hung(scene)
    case 'refused':
    case 'unclear':
      return {
        severity: 'error',
        code: 'daemon-strange',
        found: daemon.reason,
        why: `${programOf(scene)} reaches everything through the daemon.`,
        mend: restartLine(scene),
      }
  }
}

function running(scene: Scene, status: DaemonStatus): Finding {
  if (status.version === version)
    return {
      severity: 'ok',
      found: `the daemon runs and answers (process ${status.processId}, version ${version})`,
    }
  return {
    severity: 'warning',
    code: 'daemon-version',
    found: `the daemon is version ${status.version}, this program is version ${version}`,
    why: 'It was not restarted since the upgrade, so what is new is not there yet.',
    mend: restartLine(scene),
  }
}

async function down(scene: Scene, kind: 'missing' | 'dead'): Promise<Fault> {
  const socket = scene.config['control-socket']
  const found = {
    missing: `the daemon does not run: there is no control socket "${socket}"`,
    dead: `the daemon does not run: it ended without removing its control socket "${socket}"`,
  }[kind]
  const [other] = await scene.processes.having((argv) => isDaemon(argv, scene))
  if (other !== undefined)
    return {
      severity: 'error',
      code: 'daemon-elsewhere',
      found: `${found}; but ${nameOf(other)} runs as \`${other.argv.join(' ')}\``,
      why: 'That daemon has another control socket, so this program looks for it in the wrong place.',
      mend: 'Give this program the same --root and --config as that daemon, or restart that daemon without them.',
    }
  return {
    severity: 'error',
    code: 'daemon-down',
    found,
    why: `Without it nothing can be called, neither from here nor to here.`,
    mend: `systemctl start ${programOf(scene)}    # or run \`${programOf(scene)} daemon\` as root and read what it says`,
  }
}

async function denied(scene: Scene): Promise<Fault> {
  const socket = scene.config['control-socket']
  const stats = await stat(socket).catch(() => undefined)
  const who = process.geteuid?.() ?? 0
  const mode = stats === undefined ? '' : `, mode ${(stats.mode & 0o777).toString(8)}`
  const owner = stats === undefined ? '' : ` (it belongs to user ${stats.uid} and group ${stats.gid}${mode})`
  return {
    severity: 'error',
    code: 'control-socket-denied',
    found: `user ${who} may not connect to the control socket "${socket}"${owner}`,
    why: 'Only root and the group "negotiator" may call, for whoever may call may run every command.',
    mend: [
      'Run this as root, or once for all:',
      'groupadd --system --force negotiator',
      restartLine(scene),
      'usermod -aG negotiator USER    # and log in anew',
    ].join('\n'),
  }
}

async function hung(scene: Scene): Promise<Fault> {
  const socket = scene.config['control-socket']
  const [daemon] = await scene.processes.listenersOn(socket)
  const who = daemon === undefined ? 'the daemon' : nameOf(daemon)
  if (daemon?.isStopped === true)
    return {
      severity: 'error',
      code: 'daemon-stopped',
      found: `${who} was stopped by a signal, and does not answer on "${socket}"`,
      why: 'It does nothing until it is told to go on; calls wait and end as lost.',
      mend: `kill -CONT ${daemon.id}`,
    }
  return {
    severity: 'error',
    code: 'daemon-hung',
    found: `${who} takes connections on "${socket}", and does not answer`,
    why: 'Nothing can be called until it does.',
    mend: restartLine(scene),
  }
}

/** As the subcommand, and as python-negotiator's options, which our programs take, too. */
const daemonWords = ['daemon', '-d', '--daemon']

/** Whether a command line is that of our daemon, whatever is in its way: node, a path, a version in its name, options. */
export function isDaemon(argv: readonly string[], { side }: Pick<Scene, 'side'>): boolean {
  if (isPython(argv) || !argv.some((argument) => daemonWords.includes(argument))) return false
  return argv.some((argument) => {
    const name = basename(argument)
    // The bundle may be started without the link that names it.
    return (
      name.startsWith(`negotiator-${side}`) ||
      (name === 'main.js' && basename(dirname(argument)) === 'bundle')
    )
  })
}

/** Whether a command line is that of python-negotiator, whose programs are called as ours are. */
export function isPythonNegotiator(argv: readonly string[]): boolean {
  return isPython(argv) && argv.some((argument) => argument.includes('negotiator'))
}

function isPython([program = '']: readonly string[]): boolean {
  return /^python[\d.]*$/.test(basename(program))
}
