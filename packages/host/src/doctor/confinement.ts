/**
 * Check: has AppArmor or SELinux kept a hypervisor from making its sockets?
 */
import { dirname } from 'node:path'
import { readDenials, sentenceOfDenial, shellWord } from '@negotiator/common'
import type { Check, Denial, Finding } from '@negotiator/common'
import { coldStart } from './add-channels.js'
import type { ExaminedGuest, HostScene } from './host-scene.js'

/** Looks for denials of the last hour that concern a channel's socket or its folder, or ourselves. */
export const confinementCheck: Check<HostScene> = {
  name: 'confinement',
  look: async (scene) => {
    const findings = (await readDenials(scene)).flatMap((denial) => {
      const guest = scene.allGuests.find((guest) => concerns(denial, guest))
      if (guest === undefined && !/negotiator/.test(`${denial.path} ${denial.program}`)) return []
      return scene.wanted === undefined || guest === undefined || scene.guests.includes(guest)
        ? [finding(denial, guest)]
        : []
    })
    return [...new Map(findings.map((finding) => [finding.found, finding])).values()]
  },
}

function concerns({ path, confinement }: Denial, { uuid, sockets }: ExaminedGuest): boolean {
  const paths = Object.values(sockets)
  if (paths.includes(path) || paths.some((socket) => dirname(socket) === path)) return true
  // libvirt gives each machine a profile of its own.
  return uuid !== undefined && confinement === `libvirt-${uuid}` && /channel|negotiator/.test(path)
}

function finding(denial: Denial, guest: ExaminedGuest | undefined): Finding {
  const folder = denial.path.startsWith('/') ? dirname(denial.path) : 'FOLDER'
  const name = guest?.name ?? 'GUEST'
  const again = coldStart(name)
  const mend = {
    AppArmor: `echo ${shellWord(`  ${folder}/** rw,`)} >> /etc/apparmor.d/local/abstractions/libvirt-qemu\n${again}`,
    SELinux: `semanage fcontext -a -t qemu_var_run_t ${shellWord(`${folder}(/.*)?`)}; restorecon -Rv ${shellWord(folder)}\n${again}`,
  }[denial.by]
  return {
    severity: 'warning',
    code: 'denied-by-system',
    guest: guest?.name,
    found: sentenceOfDenial(denial),
    why: 'QEMU then has no socket, or the daemon cannot reach it. It was within the last hour: one that is mended is told until then.',
    mend,
  }
}
