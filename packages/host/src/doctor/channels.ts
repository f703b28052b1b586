/**
 * Check: has each guest both its channels?
 */
import { channelNames } from '@negotiator/common'
import type { ChannelName, Check, Finding } from '@negotiator/common'
import type { ExaminedGuest, HostScene } from './host-scene.js'

/** Looks at which channels the drivers tell of. */
export const channelsCheck: Check<HostScene> = {
  name: 'channels',
  look: async ({ guests, wanted }) =>
    await Promise.resolve(
      guests.flatMap((guest) => {
        const missing = channelNames.filter((name) => guest.sockets[name] === undefined)
        if (missing.length === 0) return []
        return missing.length === 1
          ? [half(guest, missing)]
          : [none(guest, { isWanted: wanted !== undefined })]
      }),
    ),
}

/** Most machines of a host may never have been meant to have channels; one that was asked about was. */
function none(guest: ExaminedGuest, { isWanted }: { isWanted: boolean }): Finding {
  return {
    severity: isWanted ? 'error' : 'note',
    code: 'no-channels',
    guest: guest.name,
    found: 'it has no channels that can be reached from here',
    why: 'Calls go through two virtio ports, and its definition has neither.',
    mend: addChannels(guest, channelNames),
  }
}

function half(guest: ExaminedGuest, missing: readonly ChannelName[]): Finding {
  return {
    severity: 'error',
    code: 'channel-missing',
    guest: guest.name,
    found: `it has only one of the two channels; ${missing.join(', ')} is missing`,
    why: 'Each channel carries the calls of one direction, and both daemons expect both.',
    mend: addChannels(guest, missing),
  }
}

/** What to write, and where, for the way in which the guest is run. */
function addChannels({ name, driver }: ExaminedGuest, missing: readonly ChannelName[]): string {
  if (driver.startsWith('libvirt')) return libvirtLines(name, missing)
  if (driver.startsWith('folder:'))
    return missing
      .map((channel) => `Have it listen on ${driver.slice('folder:'.length)}/${name}/${channel}.sock`)
      .join('\n')
  return [
    'Add to its command line, with a folder of your choice, and start it anew:',
    '-device virtio-serial-pci',
    ...missing.flatMap((channel, index) => [
      `-chardev socket,id=n${index},path=/run/guests/${name}/${channel}.sock,server=on,wait=off`,
      `-device virtserialport,chardev=n${index},name=${channel}`,
    ]),
  ].join('\n')
}

/** Also for channels that are defined and not live. */
export function libvirtLines(name: string, missing: readonly ChannelName[]): string {
  return [
    `virsh edit ${name}, and write into <devices>:`,
    ...missing.map((channel) => `<channel type='unix'><target type='virtio' name='${channel}'/></channel>`),
    ...coldStart(name),
  ].join('\n')
}

/** A reboot from within keeps the hardware that the machine was started with. */
export function coldStart(name: string): readonly string[] {
  return [`then, for a reboot is not enough: virsh shutdown ${name}; when it is off: virsh start ${name}`]
}
