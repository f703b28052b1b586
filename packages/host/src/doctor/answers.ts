/**
 * Check: does each guest answer, and if not, why?
 */
import { hostToGuest, shellWord, versionFindings } from '@negotiator/common'
import type { Check, Finding, RunningProcess } from '@negotiator/common'
import { placesOf } from './attached.js'
import { isLibvirt } from './definitions.js'
import type { ExaminedGuest, HostScene } from './host-scene.js'

/** Looks at each guest as the daemon sees it, and at the process that runs it. */
export const answersCheck: Check<HostScene> = {
  name: 'answers',
  look: async (scene) => {
    const { daemon } = scene
    if (daemon.kind !== 'answers') return []
    const findings = await Promise.all(
      scene.guests.map(async (guest) => [
        ...(await ofGuest(scene, guest)),
        ...(guest.peer === undefined
          ? []
          : versionFindings({
              peer: guest.peer,
              name: 'its daemon',
              guest: guest.name,
              daemonVersion: daemon.status.version,
            })),
      ]),
    )
    return findings.flat()
  },
}

/** A guest on an emulated processor takes that long to boot and start its services. */
const bootMsMax = 120_000

async function ofGuest(scene: HostScene, guest: ExaminedGuest): Promise<readonly Finding[]> {
  // Without channels there is nothing to answer in; that is told by the check of the channels.
  if (Object.keys(guest.sockets).length === 0) return []
  const { name, peer } = guest
  if (guest.state === 'paused') return [paused(guest)]
  if (peer === undefined) return [unknown(name)]
  const hypervisor = await hypervisorOf(scene, guest)
  if (hypervisor?.isStopped === true && peer.state !== 'connecting') return [stopped(name, hypervisor)]
  switch (peer.state) {
    case 'ready':
      return [{ severity: 'ok', guest: name, found: 'it answers' }]
    case 'silent':
      return [silent(guest, hypervisor)]
    case 'connecting':
      return await connecting(scene, guest)
    default:
      return [] // Told by the versions.
  }
}

/** Who listens on its sockets: QEMU. */
async function hypervisorOf(scene: HostScene, guest: ExaminedGuest): Promise<RunningProcess | undefined> {
  return (await placesOf(scene, guest)).flatMap(({ use }) => use.listeners)[0]
}

function unknown(guest: string): Finding {
  return {
    severity: 'warning',
    code: 'guest-unnoticed',
    guest,
    found: 'it is there, and the daemon does not know of it',
    why: 'The daemon was started with other drivers, or has not looked since the guest came, or keeps another one of its uuid.',
    mend: 'Run this again in ten seconds. If it stays so: systemctl restart negotiator-host',
  }
}

function stopped(guest: string, { id }: RunningProcess): Finding {
  return {
    severity: 'error',
    code: 'guest-stopped',
    guest,
    found: `its hypervisor was stopped by a signal (process ${id})`,
    why: 'The machine stands still, so its daemon cannot answer.',
    mend: `kill -CONT ${id}`,
  }
}

function paused({ name, driver }: ExaminedGuest): Finding {
  return {
    severity: 'warning',
    code: 'guest-paused',
    guest: name,
    found: 'it is paused',
    why: 'It stands still, so calls to it wait, and end as lost after a while.',
    mend: isLibvirt(driver)
      ? `virsh resume ${shellWord(name)}`
      : 'Let it go on, in the monitor of QEMU: cont',
  }
}

function silent(
  { name: guest, definition, peer }: ExaminedGuest,
  hypervisor: RunningProcess | undefined,
): Finding {
  const ageMs = hypervisor?.ageMs ?? 0
  const hasAnswered = peer?.agent !== undefined
  const found = `its channels are there, and ${hasAnswered ? 'its daemon does not answer in them any more' : 'no daemon answers in them'}`
  if (!hasAnswered && ageMs > 0 && ageMs < bootMsMax)
    return {
      severity: 'warning',
      code: 'guest-booting',
      guest,
      found: `${found}; the machine was started ${Math.round(ageMs / 1000)} seconds ago, and may still boot`,
      why: 'Its daemon answers as soon as it runs.',
      mend: `negotiator-host wait ${shellWord(guest)} --timeout 120`,
    }
  if (definition?.openInGuest.includes(hostToGuest) === true)
    return {
      severity: 'error',
      code: 'guest-mute',
      guest,
      found: `${found}, although a program in the guest has the port open`,
      why: 'That program is not our daemon, or it hangs.',
      mend: 'In the guest: negotiator-guest doctor    # it names the program',
    }
  return {
    severity: 'error',
    code: 'guest-silent',
    guest,
    found,
    why: 'In the guest the daemon is not installed or does not run, its kernel has no virtio_console, or another program holds the ports; or the machine is paused, or reboots.',
    mend: 'In the guest: negotiator-guest doctor    # and to start its daemon: systemctl start negotiator-guest',
  }
}

/** Mostly explained by the checks of the sockets; what is left is told here. */
async function connecting(scene: HostScene, guest: ExaminedGuest): Promise<readonly Finding[]> {
  const places = await placesOf(scene, guest)
  const isExplained =
    places.length === 0 || places.some(({ use }) => !use.isListening || use.clients.length > 0)
  if (isExplained) return []
  return [
    {
      severity: 'warning',
      code: 'guest-connecting',
      guest: guest.name,
      found: 'its sockets are free, and the daemon is not attached to them',
      why: 'The daemon tries at least every five seconds; its log says why it could not.',
      mend: 'Run this again in five seconds. If it stays so: journalctl -u negotiator-host',
    },
  ]
}
