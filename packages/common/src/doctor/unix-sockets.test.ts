import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { testFolder, writeCommand } from '../test-folder.js'
import { TestProcesses } from './test-processes.js'
import { UnixSockets } from './unix-sockets.js'

/** Starts Node with a line of code that prints something when it is ready. */
async function node(t: Test, code: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', code], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

/** The sockets that a process has open, as the kernel numbers them. */
function inodesOf({ pid }: ChildProcess): readonly string[] {
  const links = readdirSync(`/proc/${pid}/fd`).map((name) => readlinkSync(`/proc/${pid}/fd/${name}`))
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [])
}

/** The sockets that have a path: that which listens has the flag 00010000. */
function inodesAt(path: string): { readonly listening: string; readonly connected: string } {
  const lines = readFileSync('/proc/net/unix', 'utf8').split('\n')
  const here = lines.filter((line) => line.endsWith(` ${path}`)).map((line) => line.split(/\s+/))
  const inode = (flags: string): string => here.find((fields) => fields[3] === flags)?.[6] ?? ''
  return { listening: inode('00010000'), connected: inode('00000000') }
}

test('UnixSockets names who listens and who is attached', async (t) => {
  const folder = testFolder(t)
  const path = join(folder, 'with blank.sock')
  const server = await node(
    t,
    `require('net').createServer(() => console.log('attached')).listen(${JSON.stringify(path)}, () => console.log('here'))`,
  )
  const client = await node(
    t,
    `require('net').connect(${JSON.stringify(path)}).on('connect', () => console.log('here'))`,
  )
  const { listening, connected } = inodesAt(path)
  // Which of them is its end of the connection /proc does not tell; its standard streams are sockets, too.
  const clientInodes = inodesOf(client)
  const program = writeCommand({
    folder,
    name: 'ss',
    script: `cat <<'END'
u_str LISTEN 2      511 ${path} ${listening}            * 0
${clientInodes.map((inode) => `u_str ESTAB  0      0   ${path} ${connected}            * ${inode}   `).join('\n')}
u_dgr UNCONN 0      0   /run/systemd/notify 4711 * 0
nonsense
END`,
  })
  const processes = new TestProcesses(t)
  processes.show(server.pid ?? 0)
  processes.show(client.pid ?? 0)
  const sockets = await UnixSockets.read({ processes: processes.now, program })
  if (typeof sockets === 'string') throw new Error(sockets)
  const use = await sockets.at(path)
  t.equal(use.isListening, true)
  t.equal(use.waitingCount, 2)
  t.same(
    use.listeners.map(({ id }) => id),
    [server.pid],
  )
  t.same([...new Set(use.clients.flatMap((one) => one.processes.map(({ id }) => id)))], [client.pid])
  t.same(await sockets.at(join(folder, 'other.sock')), {
    isListening: false,
    listeners: [],
    clients: [],
    waitingCount: 0,
  })
})

test('UnixSockets says why it can tell nothing', async (t) => {
  const processes = new TestProcesses(t).now
  t.equal(await UnixSockets.read({ processes, program: '/nowhere/ss' }), '/nowhere/ss is not installed')
  const program = writeCommand({ folder: testFolder(t), name: 'ss', script: 'exit 3' })
  t.match(await UnixSockets.read({ processes, program }), /exit code 3/)
})
