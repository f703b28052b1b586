/**
 * What libvirt says of a domain twice: as it runs, and as it will be started next.
 */
import { parseDomainXml } from '@negotiator/common'
import type { ChannelName, Clock, DomainDescription } from '@negotiator/common'
import { systemUri } from '../drivers/libvirt/connection-uri.js'
import { askVirsh } from '../drivers/libvirt/virsh.js'

/** A domain's channels in both. */
export interface Definition {
  /** Those that it will have when it is started next. */
  readonly defined: readonly ChannelName[]
  /** Sockets whose paths were written into the definition; those that libvirt makes up at each start are absent. */
  readonly definedSockets: Readonly<Partial<Record<ChannelName, string>>>
  /** Those that a program in the guest has open. */
  readonly openInGuest: readonly ChannelName[]
}

interface DomainsToRead {
  /** The driver that found them, e.g. `libvirt:qemu:///session`. */
  readonly driver: string
  readonly uuids: readonly string[]
  readonly clock: Clock
  readonly signal: AbortSignal
  /** The program `virsh`; tests give their own. */
  readonly program?: string | undefined
}

/** Whether a driver asks libvirt. */
export function isLibvirt(driver: string): boolean {
  return driver === 'libvirt' || driver.startsWith('libvirt:')
}

/** Reads the definitions of some domains of one driver. @throws {SystemError} as `askVirsh` does */
export async function readDefinitions({
  driver,
  uuids,
  ...needs
}: DomainsToRead): Promise<ReadonlyMap<string, Definition>> {
  const uri = driver === 'libvirt' ? systemUri : driver.slice('libvirt:'.length)
  const commands = uuids.flatMap((uuid) => [`dumpxml ${uuid}`, `dumpxml --inactive ${uuid}`])
  const { outputs } = await askVirsh({ uri, commands, ...needs })
  return new Map(
    uuids.map((uuid, index) => {
      const [live, defined] = [outputs[2 * index], outputs[2 * index + 1]].map(parse)
      return [
        uuid,
        {
          defined: defined?.channels ?? [],
          definedSockets: defined?.sockets ?? {},
          openInGuest: live?.openInGuest ?? [],
        },
      ]
    }),
  )
}

/** @returns `undefined` for a domain that is gone, or whose XML is not for us */
function parse(xml: string | undefined): DomainDescription | undefined {
  try {
    return parseDomainXml(xml?.trim() ?? '')
  } catch {
    return undefined // The driver tells why it cannot be read.
  }
}
