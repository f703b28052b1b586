/**
 * Module commands as tests write and call them.
 * Floor 4, for tests.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../clock.js'
import type { Clock } from '../clock.js'
import { silentLog } from '../log.js'
import type { Log } from '../log.js'
import { testFolder } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import type { Result } from '../wire/result.js'
import { ModuleRunner } from './module-runner.js'
import type { ModuleStart } from './module-runner.js'
import type { RunningCommand } from './runner.js'
import { bytesOf } from './test-processes.js'

type Wanted = Partial<ModuleStart>

/** A module and who runs it. */
export interface TestModule {
  readonly path: string
  readonly start: (wanted?: Wanted) => RunningCommand
  readonly finished: (wanted?: Wanted) => Promise<{ result: Result; stdout: string; stderr: string }>
}

/** Writes a module and makes a runner for it, which is closed when the test is over. */
export function testModule(
  test: Teardown,
  { code, clock = systemClock, log = silentLog }: { code: string; clock?: Clock; log?: Log },
): TestModule {
  const path = join(testFolder(test), 'tested.mjs')
  writeFileSync(path, code)
  const runner = new ModuleRunner({ clock, log })
  test.teardown(async () => await runner.close())
  const start = (wanted: Wanted = {}): RunningCommand => {
    const running = runner.start({ path, args: [], facts: testFacts, hasStdin: false, ...wanted })
    if ('kind' in running) throw new Error(`did not start: ${JSON.stringify(running)}`)
    return running
  }
  return { path, start, finished: async (wanted) => await finishedModule(start(wanted)) }
}

/** All that a running command gives. */
export async function finishedModule(
  running: RunningCommand,
): Promise<{ result: Result; stdout: string; stderr: string }> {
  const [stdout, stderr, result] = await Promise.all([
    bytesOf(running.stdout),
    bytesOf(running.stderr),
    running.ended,
  ])
  return { result, stdout: stdout.toString(), stderr: stderr.toString() }
}

/** What a call's command is told. */
export const testFacts = {
  callId: 'b2c1',
  command: 'tested',
  callerKind: 'guest',
  callerName: 'web1',
  callerUuid: '6d1f',
  guestName: 'web1',
} as const
