/**
 * The drivers that a configuration asks for: what finds guests, what is done to the host for it, and what runs machines.
 */
import type { Clock, Log } from '@negotiator/common'
import { UsageError } from '@negotiator/common'
import type { Driver } from './driver.js'
import { capabilitiesOf } from './kind.js'
import type { DriverPlaces, MachineNeeds, ManagedName } from './kind.js'
import { kindOf, shippedKinds, specOf } from './kinds.js'
import type { Machines } from './machines.js'
import { ownPieces } from './own-pieces.js'
import type { DriverVerbs, Owned } from './verbs.js'

interface DriverNeeds {
  readonly clock: Clock
  readonly log: Log
  /** The file that libvirt's hook touches. */
  readonly pokeFile?: string | undefined
  /** For machines that were started under a name that their guests no longer have. */
  readonly managedName?: ManagedName | undefined
}

/**
 * Makes the drivers that a configuration asks for, in its order: what two of them find is the first one's.
 * @param specs e.g. `libvirt`, `qemu` or `folder:/run/guests`; `auto` is libvirt where there is a virsh, and qemu
 * @throws {UsageError} `unknown-driver`, listing the known ones; `bad-driver` when one lacks what it needs;
 *   {@link SystemError} `driver-refused` or `driver-failed` when a module is none
 */
export async function createDrivers(
  specs: readonly string[],
  needs: DriverNeeds,
): Promise<readonly Driver[]> {
  const isLibvirtAsked = specs.some((spec) => /^(auto|libvirt)(:|$)/.test(spec))
  const asked = specs.flatMap((name) =>
    name === 'auto'
      ? [{ name: 'libvirt', isOptional: true }, { name: 'qemu' }]
      : [{ name, isOptional: false }],
  )
  return await Promise.all(
    asked.map(async ({ name, ...rest }) => {
      const kind = await kindOf(name)
      return kind.discover({ ...needs, ...rest, ...specOf(name), isLibvirtAsked })
    }),
  )
}

/** A driver's verbs, and what it owns. */
export interface DriverLife {
  readonly owns: readonly Owned[]
  readonly verbs: DriverVerbs
}

/** What can be done to the host for one driver. @throws as {@link createDrivers} does */
export async function driverLife(
  name: string,
  places: Omit<DriverPlaces, 'name' | 'detail'>,
): Promise<DriverLife> {
  const kind = await kindOf(name)
  const pieces = kind.owns({ ...places, ...specOf(name) })
  return { owns: pieces, verbs: ownPieces({ driver: name, pieces, stateFolder: places.stateFolder }) }
}

/**
 * What runs machines with one driver.
 * @throws {UsageError} `driver-runs-nothing`; as {@link createDrivers} does
 */
export async function driverMachines(
  name: string,
  needs: Omit<MachineNeeds, 'name' | 'detail'>,
): Promise<Machines> {
  const kind = await kindOf(name)
  if (kind.machines !== undefined) return kind.machines({ ...needs, ...specOf(name) })
  const able = shippedKinds.filter((shipped) => capabilitiesOf(shipped).includes('machines'))
  throw new UsageError(
    `Cannot run machines with the driver "${name}": it only finds them; those that can are ${able.map((shipped) => shipped.name).join(', ')}`,
    { code: 'driver-runs-nothing' },
  )
}
