/**
 * What gives a guest its channels, for the way in which it is run.
 * Pure.
 */
import { shellWord } from '@negotiator/common'
import type { ChannelName } from '@negotiator/common'
import { isLibvirt } from './definitions.js'
import type { ExaminedGuest } from './host-scene.js'

/** What to type for a guest that lacks some channels. */
export function waysToAdd(
  { name, driver, state }: Pick<ExaminedGuest, 'name' | 'driver' | 'state'>,
  missing: readonly ChannelName[],
): string {
  if (driver.startsWith('folder:')) {
    const folder = driver.slice('folder:'.length)
    return `Have it listen on ${missing.map((channel) => `${folder}/${name}/${channel}.sock`).join(' and ')}`
  }
  if (!isLibvirt(driver))
    return `negotiator-host attach ${shellWord(name)} --qemu    # prints what to add to its command line; then start it anew`
  if (state === 'off') return `negotiator-host attach ${shellWord(name)}${connectOption(driver)}`
  return `negotiator-host attach ${shellWord(name)} --live${connectOption(driver)}    # without --live: at its next start`
}

/** What brings channels that a domain's definition has, and the machine that runs has not. */
export function waysToRestart({ name, driver }: Pick<ExaminedGuest, 'name' | 'driver'>): string {
  return (
    `${coldStart(name)}\n` +
    `or plug them into the machine that runs: negotiator-host attach ${shellWord(name)} --live${connectOption(driver)}`
  )
}

/** A reboot from within is not enough: it keeps the hardware that the machine was started with. */
export function coldStart(name: string): string {
  const guest = shellWord(name)
  return `virsh shutdown ${guest}; when it is off, for a reboot is not enough: virsh start ${guest}`
}

/** By itself `attach` asks the first libvirt of the configuration. */
function connectOption(driver: string): string {
  return driver === 'libvirt' ? '' : ` --connect ${shellWord(driver.slice('libvirt:'.length))}`
}
