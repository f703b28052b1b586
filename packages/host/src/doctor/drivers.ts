/**
 * Check: do the drivers find guests, and the one that was asked about among them?
 */
import { didYouMean, restartLine } from '@negotiator/common'
import type { Check, Finding } from '@negotiator/common'
import type { DriverProblem, ExaminedDriver, HostScene } from './host-scene.js'

/** Looks at what the drivers say, to us and to the daemon. */
export const driversCheck: Check<HostScene> = {
  name: 'drivers',
  look: async (scene) =>
    await Promise.resolve([
      ...scene.drivers.map((driver) => driverFinding(scene, driver)),
      ...warningFindings(scene),
      ...guestFindings(scene),
    ]),
}

function driverFinding(scene: HostScene, { name, guests, problem }: ExaminedDriver): Finding {
  if (problem !== undefined) return failed(scene, { name, problem })
  const told = daemonsProblem(scene, name)
  if (told !== undefined)
    return {
      severity: 'warning',
      code: 'daemon-driver-failed',
      found: `the driver "${name}" works from here, but the daemon says: ${told}`,
      why: 'It looks again when something changes; until then it keeps the guests that it knew.',
      mend: restartLine(scene),
    }
  return { severity: 'ok', found: `the driver "${name}" finds ${count(guests.length)}` }
}

function failed({ config }: HostScene, { name, problem }: { name: string; problem: DriverProblem }): Finding {
  // With "auto" nobody has asked for libvirt in particular, and it may never have been meant to run.
  const isAsked = config.drivers.includes(name) || !config.drivers.includes('auto')
  return {
    severity: isAsked ? 'error' : 'warning',
    code: problem.code,
    found: problem.sentence,
    why: `Guests that only the driver "${name}" would find cannot be called.`,
    mend: mends[problem.code] ?? 'Change "drivers" in the configuration; `negotiator-host config` prints it.',
  }
}

const mends: Readonly<Record<string, string>> = {
  'libvirt-unreachable':
    'systemctl start libvirtd    # virtqemud on newer systems\n' +
    'Permission denied? Run this as root, or: usermod -aG libvirt USER, and log in anew.\n' +
    'No libvirt here? Write into the configuration: drivers = ["qemu"]',
  'libvirt-silent': 'systemctl restart libvirtd    # its machines go on',
  'virsh-missing': 'apt-get install libvirt-clients    # libvirt-client on Fedora and its kin',
}

function daemonsProblem({ daemon }: HostScene, name: string): string | undefined {
  if (daemon.kind !== 'answers') return undefined
  return daemon.status.drivers.find((driver) => driver.name === name)?.problem
}

/** What a driver would log and that concerns no guest that we know; the others are told by the check of the channels. */
function warningFindings({ warnings, allGuests }: HostScene): readonly Finding[] {
  const isTold = (name: unknown): boolean => allGuests.some((guest) => guest.name === name)
  return warnings
    .filter(({ fields }) => !isTold(fields['guest']))
    .map(({ sentence, fields }) => ({
      severity: 'note',
      code: 'driver-warning',
      found: [sentence, ...Object.entries(fields).map(([name, value]) => `${name} ${value}`)].join(', '),
      why: 'What a driver leaves out cannot be called.',
      mend: 'Nothing, if it is not meant to be called.',
    }))
}

function guestFindings({ wanted, guests, allGuests, drivers }: HostScene): readonly Finding[] {
  if (guests.length > 0 || drivers.some(({ problem }) => problem !== undefined)) return []
  if (wanted === undefined)
    return [
      {
        severity: 'note',
        code: 'no-guests',
        found: 'there are no guests',
        why: 'Only running machines are found, and only where "drivers" says to look.',
        mend: `Start one, or change "drivers" in the configuration; now it is ${JSON.stringify(drivers.map(({ name }) => name))}.`,
      },
    ]
  const names = allGuests.map(({ name }) => name)
  return [
    {
      severity: 'error',
      code: 'no-such-guest',
      found: `there is no guest "${wanted}"${didYouMean(wanted, names)}`,
      why: 'Only running machines are found, and only where "drivers" says to look.',
      mend: names.length === 0 ? 'Start it.' : `Start it, or name one of these: ${names.join(', ')}`,
    },
  ]
}

function count(guests: number): string {
  return `${guests} guest${guests === 1 ? '' : 's'}`
}
