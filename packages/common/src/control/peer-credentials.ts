/**
 * Who is at the other end of a UNIX socket, as the kernel says: SO_PEERCRED and SO_PEERGROUPS.
 * Floor 7. Numbers only; names are user-names.ts's. What it tells are the rights that the program had when it connected:
 * they do not change when it becomes another user, or hands its connection to another program.
 */
import type { Socket } from 'node:net'
import type { Koffi } from '../native/koffi.js'

/** The other end. Of a process in another user namespace the kernel tells the ids here, or 65534 when it has none here. */
export interface PeerCredentials {
  /** 0 for a process that this process's namespace does not see. */
  readonly processId: number
  readonly userId: number
  readonly groupId: number
  readonly moreGroupIds: readonly number[]
}

/** Asks the kernel. @returns `undefined` when it does not tell, or the connection is over already */
export type ReadCredentials = (socket: Socket) => PeerCredentials | undefined

/** From <asm/socket.h>; of the processors that Node runs on only PowerPC has its own number. */
const SOL_SOCKET = 1
const SO_PEERCRED = process.arch.startsWith('ppc') ? 21 : 17
const SO_PEERGROUPS = 59

/** `struct ucred`: process, user, group. */
const credentialsBytes = 12
const idBytes = 4

/** The groups that most programs have at most; the kernel says how much room more would need. */
const groupsExpected = 64

/** @throws when the C library has no such call */
export function openPeerCredentials(koffi: Koffi): ReadCredentials {
  const call: GetSocketOption = koffi
    .load(null)
    .func('int getsockopt(int fd, int level, int name, _Out_ void *value, _Inout_ void *length)')
  return (socket) => {
    const descriptor = descriptorOf(socket)
    return descriptor === undefined ? undefined : readCredentials(call, descriptor)
  }
}

/** `getsockopt(descriptor, level, name, value, length)`. */
type GetSocketOption = (
  ...parameters: [descriptor: number, level: number, name: number, value: Buffer, length: Buffer]
) => number

function readCredentials(call: GetSocketOption, descriptor: number): PeerCredentials | undefined {
  const read = (name: number, room: number): Reading => readOption({ call, descriptor, name, room })
  const { value: ids } = read(SO_PEERCRED, credentialsBytes)
  if (ids?.length !== credentialsBytes) return undefined
  let groups = read(SO_PEERGROUPS, groupsExpected * idBytes)
  if (groups.value === undefined && groups.length > groupsExpected * idBytes)
    groups = read(SO_PEERGROUPS, groups.length)
  // Half of who it is would be nobody's true name: a rule that denies a group must not be passed by.
  if (groups.value === undefined) return undefined
  return {
    processId: ids.readInt32LE(0),
    userId: ids.readUInt32LE(4),
    groupId: ids.readUInt32LE(8),
    moreGroupIds: idsIn(groups.value),
  }
}

/** The `value` if the kernel gave it, and how long it is or would be. */
interface Reading {
  readonly value: Buffer | undefined
  readonly length: number
}

function readOption({
  call,
  descriptor,
  name,
  room,
}: {
  readonly call: GetSocketOption
  readonly descriptor: number
  readonly name: number
  readonly room: number
}): Reading {
  const value = Buffer.alloc(room)
  const lengthCell = Buffer.alloc(idBytes)
  lengthCell.writeUInt32LE(room)
  const status = call(descriptor, SOL_SOCKET, name, value, lengthCell)
  const length = lengthCell.readUInt32LE()
  return { value: status === 0 ? value.subarray(0, length) : undefined, length }
}

function idsIn(bytes: Buffer): readonly number[] {
  return Array.from({ length: Math.floor(bytes.length / idBytes) }, (_, index) =>
    bytes.readUInt32LE(index * idBytes),
  )
}

/** Node does not offer the descriptor of a socket; libuv's handle behind it has it. */
function descriptorOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as { readonly _handle?: unknown }
  if (typeof handle !== 'object' || handle === null || !('fd' in handle)) return undefined
  const { fd } = handle
  return typeof fd === 'number' && fd >= 0 ? fd : undefined
}
