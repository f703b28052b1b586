/**
 * A host's scene as a test wants it.
 * For tests.
 */
import { guestToHost, hostToGuest } from '@negotiator/common'
import type { DaemonPeer, RunningProcess, SocketUse } from '@negotiator/common'
import type { Teardown } from '@negotiator/common/testing'
import { testScene } from '@negotiator/common/testing'
import type { ExaminedGuest, HostScene } from './host-scene.js'

export const uuid = '4f6c0f0e-3a0b-4c7e-9d55-0123456789ab'

/** A guest of the folder driver with both its sockets, but for what is given. */
export function testGuest(guest: Partial<ExaminedGuest> = {}): ExaminedGuest {
  return {
    name: 'web1',
    uuid,
    driver: 'folder:/run/guests',
    sockets: { [hostToGuest]: '/run/guests/web1/a.sock', [guestToHost]: '/run/guests/web1/b.sock' },
    peer: testPeer(),
    definition: undefined,
    ...guest,
  }
}

/** A guest that is ready, as the daemon sees it. */
export function testPeer(peer: Partial<DaemonPeer> = {}): DaemonPeer {
  return { name: 'web1', uuid, state: 'ready', agent: undefined, bootId: undefined, ...peer }
}

/** A socket with a listener and nobody attached, but for what is given. */
export function testUse(use: Partial<SocketUse> = {}): SocketUse {
  return { isListening: true, listeners: [], clients: [], waitingCount: 0, ...use }
}

/** A host whose daemon answers, with these guests; the same goes on at each socket. */
export async function testHostScene(
  test: Teardown,
  { use = testUse(), ...scene }: Partial<HostScene> & { readonly use?: SocketUse } = {},
): Promise<HostScene> {
  const { guests = [testGuest()] } = scene
  return {
    ...(await testScene(test)),
    wanted: undefined,
    allGuests: guests,
    twins: [],
    drivers: [],
    warnings: [],
    sockets: { at: async () => await Promise.resolve(use) },
    nowMs: Date.now(),
    ...scene,
    guests,
  }
}

/** A process, but for what is given. */
export function testProcess(process: Partial<RunningProcess> = {}): RunningProcess {
  return {
    id: 4711,
    program: 'socat',
    argv: ['socat', '-', 'UNIX-CONNECT:a.sock'],
    userId: 0,
    groupIds: [0],
    isStopped: false,
    ageMs: 3_600_000,
    ...process,
  }
}
