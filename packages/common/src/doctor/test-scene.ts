/**
 * A scene as a test wants it: an empty machine whose daemon says what it is told.
 * Floor 8, for tests.
 */
import { loadConfig } from '../agent/config.js'
import { testFolder } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import { version } from '../version.js'
import type { DaemonStatus } from './daemon-answer.js'
import { Processes } from './processes.js'
import type { Scene } from './scene.js'

/** What a daemon that is well says of itself, but for what is given. */
export function testStatus(status: Partial<DaemonStatus> = {}): DaemonStatus {
  return {
    version,
    processId: process.pid,
    localUsers: 'known',
    refused: [],
    drivers: [],
    peers: [],
    audit: undefined,
    policy: undefined,
    dialects: [],
    ...status,
  }
}

/** A host's scene in a folder of its own, but for what is given. */
export async function testScene(test: Teardown, scene: Partial<Scene> = {}): Promise<Scene> {
  const { side = 'host', machineRoot = testFolder(test) } = scene
  return {
    side,
    config: await loadConfig({ side, root: machineRoot }),
    daemon: { kind: 'answers', status: testStatus() },
    processes: new Processes('/proc'),
    machineRoot,
    ...scene,
  }
}
