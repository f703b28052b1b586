/**
 * Check: has each guest both its channels, and can they be reached?
 */
import { channelNames, shellWord } from '@negotiator/common'
import type { ChannelName, Check, Finding } from '@negotiator/common'
import { waysToAdd, waysToRestart } from './add-channels.js'
import type { ExaminedGuest, HostScene } from './host-scene.js'

/** Looks at what the drivers, and libvirt's definitions, tell of channels. */
export const channelsCheck: Check<HostScene> = {
  name: 'channels',
  look: async (scene) => await Promise.resolve(scene.guests.flatMap((guest) => ofGuest(scene, guest))),
}

function ofGuest(scene: HostScene, guest: ExaminedGuest): readonly Finding[] {
  const unreachable = scene.warnings.filter(
    ({ fields }) => fields['guest'] === guest.name && fields['channel'] !== undefined,
  )
  const told = new Set(unreachable.map(({ fields }) => String(fields['channel'])))
  const missing = channelNames.filter((name) => guest.sockets[name] === undefined && !told.has(name))
  const strange = unreachable.map(({ fields }) =>
    unusable(guest, { channel: String(fields['channel']), reason: String(fields['reason']) }),
  )
  if (missing.length === 0) return strange
  // Off, it has no sockets; what counts is what it will be started with.
  if (guest.state === 'off') return [off(guest), ...undefinedOnes(guest)]
  const { definition } = guest
  const waiting = missing.filter((name) => definition?.defined.includes(name) === true)
  const absent = missing.filter((name) => !waiting.includes(name))
  return [
    ...strange,
    ...(waiting.length === 0 ? [] : [notRestarted(guest, waiting)]),
    ...(absent.length === 0 ? [] : [notThere(guest, absent, { isWanted: scene.wanted !== undefined })]),
  ]
}

function off({ name }: ExaminedGuest): Finding {
  return {
    severity: 'error',
    code: 'guest-off',
    guest: name,
    found: 'it is off',
    why: 'Only a machine that runs can be called.',
    mend: `virsh start ${shellWord(name)}`,
  }
}

function undefinedOnes(guest: ExaminedGuest): readonly Finding[] {
  const { definition } = guest
  if (definition === undefined) return []
  const missing = channelNames.filter((name) => !definition.defined.includes(name))
  return missing.length === 0 ? [] : [notThere(guest, missing, { isWanted: true })]
}

/** `virsh edit` and `virsh define` change what the next start will give. */
function notRestarted(guest: ExaminedGuest, channels: readonly ChannelName[]): Finding {
  return {
    severity: 'error',
    code: 'not-restarted',
    guest: guest.name,
    found: `its definition has ${channels.join(' and ')}, and the running machine has not`,
    why: 'It was started before they were added. A reboot from within keeps the hardware that it was started with.',
    mend: waysToRestart(guest),
  }
}

/** Most machines of a host may never have been meant to have channels; one that was asked about, or has one, was. */
function notThere(
  guest: ExaminedGuest,
  missing: readonly ChannelName[],
  { isWanted }: { isWanted: boolean },
): Finding {
  const isNone = missing.length === channelNames.length
  return {
    severity: isNone && !isWanted ? 'note' : 'error',
    code: isNone ? 'no-channels' : 'channel-missing',
    guest: guest.name,
    found: isNone ? 'it has no channels' : `it has one of the two channels; ${missing.join(', ')} is missing`,
    why: 'Calls go through two virtio ports, one for each direction.',
    mend: waysToAdd(guest, missing),
  }
}

function unusable(guest: ExaminedGuest, { channel, reason }: { channel: string; reason: string }): Finding {
  return {
    severity: 'error',
    code: 'channel-unusable',
    guest: guest.name,
    found: `its channel ${channel} cannot be used: ${reason}`,
    why: 'The daemon connects to a UNIX socket on which QEMU listens.',
    mend: reason.includes('fd=')
      ? 'libvirt has started it, and knows the socket: write drivers = ["auto"] into the configuration.'
      : waysToAdd(guest, channelNames),
  }
}
