/**
 * The channels as virtio ports: each is found by its name, opened once, and stays open between hosts.
 */
import { findPort } from '@negotiator/common'
import type { Channel, Clock, DeviceFolders, FindKoffi, Log } from '@negotiator/common'
import type { ChannelSource } from './channel-source.js'
import { openReadiness } from './open-readiness.js'
import { Port } from './port.js'
import type { Readiness } from './readiness.js'

interface VirtioPortsOptions {
  readonly devices: DeviceFolders
  /** Where a port is that need not be looked for; empty or absent: it is found by its name. */
  readonly given?: Readonly<Partial<Record<string, string>>>
  readonly clock: Clock
  readonly log: Log
  /** How koffi is had; from node_modules unless told. */
  readonly findKoffi?: FindKoffi | undefined
}

/** Begins to watch this machine's virtio ports; they need not be plugged in yet. */
export async function openVirtioPorts(options: VirtioPortsOptions): Promise<ChannelSource> {
  return new VirtioPorts(options, await openReadiness(options))
}

class VirtioPorts implements ChannelSource {
  readonly #options: VirtioPortsOptions
  readonly #readiness: Readiness
  readonly #ports = new Map<string, Port>()

  constructor(options: VirtioPortsOptions, readiness: Readiness) {
    this.#options = options
    this.#readiness = readiness
  }

  /** @throws {SystemError} as `findPort` and `Port.open` do, or when the port is unplugged */
  async nextHost(name: string, signal: AbortSignal): Promise<Channel> {
    let port = this.#ports.get(name)
    if (port === undefined || port.isOver) {
      port = await Port.open(await this.#deviceOf(name), this.#readiness)
      this.#ports.set(name, port)
    }
    return await port.nextHost(signal)
  }

  async #deviceOf(name: string): Promise<string> {
    const { devices, given } = this.#options
    const device = given?.[name] ?? ''
    return device === '' ? await findPort(name, devices) : device
  }

  async close(): Promise<void> {
    for (const port of this.#ports.values()) port.close()
    this.#readiness.close()
  }
}
