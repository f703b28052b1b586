/**
 * Check: has SELinux or AppArmor in this guest kept the daemon or its commands from something?
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readDenials, sentenceOfDenial } from '@negotiator/common'
import type { Check, Denial, Finding } from '@negotiator/common'
import type { GuestScene } from './guest-scene.js'

/** Looks for denials of the last hour that concern the daemon, its ports or whatever runs in its context. */
export const confinementCheck: Check<GuestScene> = {
  name: 'confinement',
  look: async (scene) => {
    const context = await daemonContext(scene)
    const denials = (await readDenials(scene)).filter((denial) => concernsUs(denial, context))
    const byText = new Map(denials.map((denial) => [sentenceOfDenial(denial), denial]))
    if (byText.size > 0) return [...byText.values()].map(finding)
    return (await isEnforcing(scene))
      ? [
          {
            severity: 'ok',
            found: 'SELinux is enforcing, and no denial of the last hour concerns Negotiator',
          },
        ]
      : []
  },
}

/** Commands inherit it, whatever they are called. @returns `undefined` where it is none in particular */
async function daemonContext({ machineRoot, daemon }: GuestScene): Promise<string | undefined> {
  if (daemon.kind !== 'answers') return undefined
  const path = join(machineRoot, '/proc', String(daemon.status.processId), 'attr/current')
  const text = await readFile(path, 'utf8').catch(() => '')
  // AppArmor adds its mode, in brackets; SELinux ends with a NUL.
  const context = text
    .replace(/\0$/, '')
    .trim()
    .replace(/ \(\w+\)$/, '')
  return context === '' || context.includes('unconfined') ? undefined : context
}

function concernsUs({ program, path, confinement }: Denial, context: string | undefined): boolean {
  if (confinement === context) return true
  return [program, path, confinement].some((text) => /negotiator|vport|virtio-ports/.test(text))
}

async function isEnforcing({ machineRoot }: GuestScene): Promise<boolean> {
  return (await readFile(join(machineRoot, '/sys/fs/selinux/enforce'), 'utf8').catch(() => '')).trim() === '1'
}

function finding(denial: Denial): Finding {
  const mend = {
    SELinux:
      'Read why: ausearch -m avc -ts recent | audit2why\n' +
      'Allow it: ausearch -m avc -ts recent | audit2allow -M negotiator-local && semodule -i negotiator-local.pp',
    AppArmor: `Allow it in /etc/apparmor.d/local/ for the profile "${denial.confinement}", then: systemctl reload apparmor`,
  }[denial.by]
  return {
    severity: 'warning',
    code: 'denied-by-system',
    found: sentenceOfDenial(denial),
    why: 'Programs are told no more than "permission denied". It was within the last hour: one that is mended is told until then.',
    mend,
  }
}
