/**
 * A control socket, and programs of other users that connect to it.
 * Floor 7, for tests.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { localHello } from '../agent/local-hello.js'
import { systemClock } from '../clock.js'
import type { Clock } from '../clock.js'
import { heartbeatDeadMs, heartbeatIntervalMs } from '../limits.js'
import { createLog } from '../log.js'
import type { FindKoffi } from '../native/koffi.js'
import type { LocalProgram } from '../policy/caller.js'
import type { ServingStream } from '../session/serving-stream.js'
import { testFolder } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import { Client } from './client.js'
import { ControlServer } from './server.js'

interface TestControlOptions {
  readonly answer?: (stream: ServingStream, caller: LocalProgram) => void
  readonly findKoffi?: FindKoffi
  readonly clock?: Clock
}

/** A control socket that anybody may connect to. */
export interface TestControl {
  readonly path: string
  readonly server: ControlServer
  /** The log's lines. */
  readonly lines: readonly string[]
  /** Connects as a program of ours. */
  readonly connect: () => Promise<Client>
  /** Connects as a program that speaks bytes of its own; it is paused. */
  readonly connectRaw: () => Promise<Socket>
}

const done = (stream: ServingStream): void => stream.finish({ kind: 'exited', code: 0 })

/** Listens; each call ends with 0 unless it is answered otherwise. */
export async function testControl(test: Teardown, options: TestControlOptions = {}): Promise<TestControl> {
  const { answer = done, findKoffi, clock = systemClock } = options
  const path = join(testFolder(test), 'host.sock')
  const lines: string[] = []
  const server = await ControlServer.listen({
    path,
    answer,
    findKoffi,
    clock,
    hello: await localHello('host'),
    log: createLog({ level: 'warn', format: 'text', write: (line) => void lines.push(line) }),
    heartbeat: { intervalMs: heartbeatIntervalMs, deadMs: heartbeatDeadMs },
  })
  test.teardown(async () => await server.close())
  chmodSync(dirname(path), 0o711)
  chmodSync(path, 0o666)
  const connectProgram = async (): Promise<Client> => {
    const client = await Client.connect({ path, hello: await localHello('program') })
    test.teardown(() => client.close())
    return client
  }
  return {
    path,
    server,
    lines,
    connect: connectProgram,
    connectRaw: async () => await rawProgram(test, path),
  }
}

async function rawProgram(test: Teardown, path: string): Promise<Socket> {
  const socket = connect(path)
  socket.on('error', () => undefined) // The daemon may close it at any time.
  test.teardown(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** A process of another user; it has `net` and writes what the script prints. */
export interface OtherProgram {
  readonly processId: number
  /** The next line that it prints. */
  readonly line: () => Promise<string>
  readonly end: () => Promise<void>
}

/**
 * Runs a script with other ids, which only root can.
 * @param options the `script` (CommonJS, `path` is the control socket), and util-linux's `setpriv` arguments
 */
export function runOther(
  test: Teardown,
  { script, path, setpriv }: { script: string; path: string; setpriv: readonly string[] },
): OtherProgram {
  const code = `const net = require('node:net'); const path = ${JSON.stringify(path)}; ${script}`
  const child = spawn('setpriv', [...setpriv, '--', process.execPath, '-e', code], {
    cwd: '/',
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const exited = once(child, 'exit')
  const end = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  test.teardown(end)
  return {
    processId: child.pid ?? 0,
    line: async () => String((await lines.next()).value),
    end,
  }
}
