/**
 * A channel in a domain's XML, as a person would write it: its socket and its place are libvirt's affair.
 * Pure.
 */
import type { ChannelName } from '@negotiator/common'

/** @returns an element for `<devices>` */
export function channelElement(name: ChannelName): string {
  return `<channel type='unix'>\n  <target type='virtio' name='${name}'/>\n</channel>`
}
