/**
 * Check: is this machine's clock right, as far as can be known from within, and does it know its boot?
 * Nothing on the wire depends on the clock of the wall: sessions are told apart by random numbers, and times are measured.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Check, Finding } from '@negotiator/common'
import type { GuestScene } from './guest-scene.js'

/** Looks at the clock, the virtual hardware clock and the kernel's boot id. */
export const clockCheck: Check<GuestScene> = {
  name: 'clock',
  look: async (scene) => [...(await clockFindings(scene)), ...(await bootIdFindings(scene))],
}

/** Nobody runs this before. */
const earliestMs = Date.UTC(2020, 0)
/** The hardware clock counts whole seconds, and the network's time may have moved one of the two. */
const differenceMsMax = 30_000
/** A hardware clock in local time is off by a time zone, which is a multiple of this. */
const zoneStepMs = 15 * 60 * 1000
const zoneMsMax = 14 * 60 * 60 * 1000

async function clockFindings({ nowMs, machineRoot }: GuestScene): Promise<readonly Finding[]> {
  const now = new Date(nowMs).toISOString()
  const fault = {
    severity: 'warning',
    why: 'Calls work all the same. Times in logs and files are wrong, and commands that check certificates fail.',
    mend: 'hwclock --hctosys    # or start a time service: chronyd, systemd-timesyncd',
  } as const
  if (nowMs < earliestMs)
    return [{ ...fault, code: 'clock-wrong', found: `this machine's clock says ${now}` }]
  const hardwareMs = await hardwareClockMs(machineRoot)
  if (hardwareMs === undefined) return []
  const differenceMs = Math.abs(nowMs - hardwareMs)
  const pastZoneMs = differenceMs % zoneStepMs
  const isZone =
    differenceMs < zoneMsMax + differenceMsMax &&
    Math.min(pastZoneMs, zoneStepMs - pastZoneMs) <= differenceMsMax
  if (isZone)
    return [{ severity: 'ok', found: "the clock goes with the virtual hardware's, which the host gives" }]
  const seconds = Math.round(differenceMs / 1000)
  return [
    {
      ...fault,
      code: 'clock-off',
      found: `this machine's clock (${now}) and the virtual hardware's, which the host gives, are ${seconds} seconds apart`,
    },
  ]
}

/** QEMU derives it from the host's clock. @returns `undefined` where there is none, or no kernel driver for it */
async function hardwareClockMs(machineRoot: string): Promise<number | undefined> {
  const folder = join(machineRoot, '/sys/class/rtc')
  for (const entry of await readdir(folder).catch(() => [])) {
    const text = await readFile(join(folder, entry, 'since_epoch'), 'utf8').catch(() => '')
    if (/^\d+\s*$/.test(text)) return Number(text) * 1000
  }
  return undefined
}

async function bootIdFindings({ machineRoot }: GuestScene): Promise<readonly Finding[]> {
  const path = '/proc/sys/kernel/random/boot_id'
  const bootId = await readFile(join(machineRoot, path), 'utf8').catch(() => '')
  if (bootId.trim() !== '') return []
  return [
    {
      severity: 'note',
      code: 'no-boot-id',
      found: `the kernel gives no boot id (${path})`,
      why: 'The host cannot tell a reboot of this machine from a restart of its daemon.',
      mend: 'Mount /proc: mount -t proc proc /proc',
    },
  ]
}
