/**
 * Which libvirt is asked to change a guest: the one that is named, the daemon's own, or the machine's. Pure.
 */
import { checkLibvirtUri, systemUri } from '../drivers/libvirt/connection-uri.js'

interface Choice {
  /** As the command line has it. */
  readonly given: string | undefined
  /** As the configuration has them. */
  readonly drivers: readonly string[]
}

/** @throws {UsageError} `bad-libvirt-uri` */
export function libvirtUri({ given, drivers }: Choice): string {
  if (given !== undefined) return checkLibvirtUri(given)
  const configured = drivers.find((spec) => spec.startsWith('libvirt:'))
  return configured === undefined ? systemUri : checkLibvirtUri(configured.slice('libvirt:'.length))
}
