/**
 * Netmasks as people and clouds write them, and the few questions that a record's check asks of an address.
 * Floor 1. Pure; addresses are checked before they come here.
 */
import { isIPv4 } from 'node:net'

/**
 * The prefix length that a netmask stands for.
 *
 * @param netmask dotted (IPv4 only), or a length as a number or its digits
 * @param bits of an address: 32 or 128
 * @returns `undefined` when it stands for none
 */
export function prefixLengthOf(netmask: unknown, bits: number): number | undefined {
  if (typeof netmask === 'string' && bits === 32 && isIPv4(netmask)) return lengthOfDotted(netmask)
  const length = typeof netmask === 'string' && /^\d{1,3}$/.test(netmask) ? Number(netmask) : netmask
  return typeof length === 'number' && Number.isInteger(length) && length >= 0 && length <= bits
    ? length
    : undefined
}

function lengthOfDotted(netmask: string): number | undefined {
  const digits = netmask
    .split('.')
    .map((byte) => Number(byte).toString(2).padStart(8, '0'))
    .join('')
  const length = digits.indexOf('0') === -1 ? 32 : digits.indexOf('0')
  // 255.0.255.0 is no mask that any system takes.
  return digits.includes('1', length) ? undefined : length
}

/** Whether an address has bits beyond its network's. */
export function hasHostBits({
  destination,
  prefixLength,
  bits,
}: {
  readonly destination: string
  readonly prefixLength: number
  readonly bits: number
}): boolean {
  const value = bits === 32 ? numberOf4(destination) : numberOf6(destination)
  return (value & ((1n << BigInt(bits - prefixLength)) - 1n)) !== 0n
}

function numberOf4(address: string): bigint {
  return address.split('.').reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
}

function numberOf6(address: string): bigint {
  const [head = '', tail] = canonicalIpv6(address).split('::')
  const groupsOf = (part = ''): string[] => (part === '' ? [] : part.split(':'))
  const [before, after] = [groupsOf(head), groupsOf(tail)]
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after]
  return groups.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n)
}

/** The one short form of an IPv6 address, as the kernel prints it, without a dotted end. */
export function canonicalIpv6(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1)
}
