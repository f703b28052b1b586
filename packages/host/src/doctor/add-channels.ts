/**
 * What to write so that a guest has its channels, for the way in which it is run.
 * Pure.
 */
import type { ChannelName } from '@negotiator/common'
import { isLibvirt } from './definitions.js'

/** Lines for a guest that lacks some channels. */
export function linesToAdd(
  { name, driver, state }: { name: string; driver: string; state?: string | undefined },
  missing: readonly ChannelName[],
): string {
  if (isLibvirt(driver))
    return [
      `virsh edit ${name}, and write into <devices>:`,
      ...missing.map((channel) => `<channel type='unix'><target type='virtio' name='${channel}'/></channel>`),
      ...(state === 'off' ? [] : [`then: ${coldStart(name)}`]),
    ].join('\n')
  if (driver.startsWith('folder:'))
    return `Have it listen on ${missing.map((channel) => `${driver.slice('folder:'.length)}/${name}/${channel}.sock`).join(' and ')}`
  return [
    'Add to its command line, in a folder of your choice, and start it anew:',
    '-device virtio-serial-pci',
    ...missing.flatMap((channel, index) => [
      `-chardev socket,id=n${index},path=/run/guests/${name}/${channel}.sock,server=on,wait=off`,
      `-device virtserialport,chardev=n${index},name=${channel}`,
    ]),
  ].join('\n')
}

/** A reboot from within is not enough: it keeps the hardware that the machine was started with. */
export function coldStart(name: string): string {
  return `virsh shutdown ${name}; when it is off, for a reboot is not enough: virsh start ${name}`
}
