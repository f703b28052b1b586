/**
 * Which libvirt a driver asks: the URI of a connection on this machine.
 * Pure. A remote libvirt is refused, for its guests' sockets lie on that machine: here the same paths may be other guests'.
 * @see https://libvirt.org/uri.html
 */
import { UsageError } from '@negotiator/common'

/** The libvirt of the machine, which also a daemon that is not root's is meant to ask. */
export const systemUri = 'qemu:///system'

/** `driver[+unix]://[/path][?parameters]`, without a host. */
const localUri = /^[a-z]+(\+unix)?:\/\/\/[^\s]*$/

/**
 * Checks a URI.
 * @param uri e.g. `qemu:///session`
 * @throws {UsageError} `bad-libvirt-uri`
 */
export function checkLibvirtUri(uri: string): string {
  if (localUri.test(uri)) return uri
  const reason = /^[a-z+]+:\/\/[^/]/.test(uri)
    ? 'it names another machine, and the sockets of its guests are there; run a daemon on that machine'
    : 'it is no URI of libvirt; write e.g. qemu:///system'
  throw new UsageError(`Cannot use the libvirt "${uri}": ${reason}`, { code: 'bad-libvirt-uri' })
}
