/**
 * Check: are guests told apart? By uuid, by name, and by what their kernels say of their boot.
 */
import type { Check, Finding } from '@negotiator/common'
import type { ExaminedGuest, HostScene } from './host-scene.js'

/** Looks for guests that are the same in what should tell them apart. */
export const twinsCheck: Check<HostScene> = {
  name: 'twins',
  look: async ({ allGuests, twins }) =>
    await Promise.resolve([
      ...twins.map((twin) => sameUuid(twin, allGuests)),
      ...groupsBy(allGuests, ({ name }) => name).map(sameName),
      ...groupsBy(allGuests, ({ peer }) => peer?.bootId).map(sameBoot),
    ]),
}

function groupsBy(
  guests: readonly ExaminedGuest[],
  key: (guest: ExaminedGuest) => string | undefined,
): readonly (readonly ExaminedGuest[])[] {
  const groups = new Map<string, ExaminedGuest[]>()
  for (const guest of guests) {
    const value = key(guest) ?? ''
    if (value !== '') groups.set(value, [...(groups.get(value) ?? []), guest])
  }
  return [...groups.values()].filter((group) => group.length > 1)
}

function namesOf(group: readonly ExaminedGuest[]): string {
  return group.map(({ name }) => `"${name}"`).join(' and ')
}

function sameUuid({ uuid, name }: { uuid: string; name: string }, guests: readonly ExaminedGuest[]): Finding {
  const other = guests.find((guest) => guest.uuid === uuid)?.name ?? name
  return {
    severity: 'error',
    code: 'same-uuid',
    found: `"${other}" and "${name}" have the same uuid, ${uuid}`,
    why: 'A guest is known by its uuid, so only one of them can be called.',
    mend: 'Give one another: `-uuid $(uuidgen)`, or <uuid> in `virsh edit`. Copies made by virt-clone get their own.',
  }
}

function sameName(group: readonly ExaminedGuest[]): Finding {
  return {
    severity: 'warning',
    code: 'same-name',
    found: `${group.length} guests have the name "${group[0]?.name}"`,
    why: 'A call by name reaches one of them, and commands on the host are told the same name of all.',
    mend: 'Rename one, or call them by uuid: negotiator-host guests',
  }
}

function sameBoot(group: readonly ExaminedGuest[]): Finding {
  return {
    severity: 'warning',
    code: 'same-boot-id',
    found: `${namesOf(group)} say that they are the same boot of one machine`,
    why: 'They were resumed from one snapshot, so their random numbers, by which sessions are told apart, may be the same, too.',
    mend: 'Restart the daemon in each of them from its console, or reboot all but one.',
  }
}
