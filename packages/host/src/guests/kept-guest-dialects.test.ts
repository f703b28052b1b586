import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { test } from 'tap'
import { Agent, silentLog, systemClock } from '@negotiator/common'
import type { MountSettings } from '@negotiator/common'
import { openStartProcess, testAudit, testFolder, testJudge, writeCommand } from '@negotiator/common/testing'
import type { Teardown } from '@negotiator/common/testing'
import { createFakeDriver } from '../drivers/fake/fake-driver.js'
import type { FoundGuest } from '../drivers/driver.js'
import { testLog } from '../drivers/test-world.js'
import { GuestKeeper } from './guest-keeper.js'

const uuid = '11111111-1111-4111-8111-111111111111'

interface Stage {
  readonly agent: Agent
  readonly folder: string
  readonly keeper: GuestKeeper
  readonly audit: ReturnType<typeof testAudit>
  readonly logLines: readonly string[]
}

/** A host that speaks another protocol with its guests, appmonitor's unless told, on a socket each. */
async function setStage(
  t: Teardown,
  { guests, path, dialect = 'appmonitor' }: { guests: readonly FoundGuest[]; path: string; dialect?: string },
): Promise<Stage> {
  const folder = testFolder(t)
  const commands = testFolder(t)
  writeCommand({ folder: commands, name: 'who', script: 'echo "$NEGOTIATOR_GUEST $NEGOTIATOR_CALLER_UUID"' })
  const audit = testAudit()
  const agent = await Agent.open({
    side: 'host',
    folders: [commands],
    clock: systemClock,
    log: silentLog,
    heartbeat: { intervalMs: 5_000, deadMs: 15_000 },
    judge: testJudge(),
    audit,
    startProcess: await openStartProcess(),
  })
  const { log, lines } = testLog()
  const driver = createFakeDriver('fake')
  driver.setGuests(guests)
  const dialects: readonly MountSettings[] = [{ dialect, exchange: 'lines', path: join(folder, path) }]
  const keeper = new GuestKeeper({ agent, drivers: [driver], dialects, clock: systemClock, log })
  t.teardown(async () => {
    await keeper.close()
    await agent.close()
  })
  return { agent, folder, keeper, audit, logLines: lines }
}

/** Listens as QEMU would. @returns what gives the host's connection */
async function listen(t: Teardown, path: string): Promise<() => Promise<Socket>> {
  const server = createServer()
  server.listen(path)
  await once(server, 'listening')
  t.teardown(() => server.close())
  const connection = once(server, 'connection')
  return async () => {
    const [socket] = (await connection) as [Socket]
    t.teardown(() => socket.destroy())
    return socket
  }
}

test('a guest that speaks a dialect calls the host under the name that its driver gave it', async (t) => {
  const guests = [{ name: 'web1', uuid, sockets: {} }]
  const { folder, keeper, audit } = await setStage(t, { guests, path: '{guest}-{uuid}.sock' })
  const connected = await listen(t, join(folder, `web1-${uuid}.sock`))
  await keeper.start()
  const socket = await connected()
  socket.write('{"operation":"get_infomation","name":"who","attr":{}}\n')
  const [answer] = (await once(socket, 'data')) as [Buffer]
  t.equal(answer.toString(), `{"operation": "get_infomation", "result": "web1 ${uuid}"}\n\n\r`)
  t.match(audit.records, [{ caller: { name: 'web1', uuid }, via: 'appmonitor', command: 'who' }])
  const place = join(folder, `web1-${uuid}.sock`)
  t.match(keeper.dialectStatus(), [{ guest: 'web1', dialect: 'appmonitor', place, state: 'connected' }])
})

test('a guest without our daemon is called by way of its oVirt agent', async (t) => {
  const guests: readonly FoundGuest[] = [{ name: 'web1', uuid, state: 'running', sockets: {} }]
  const { agent, folder, keeper } = await setStage(t, { guests, path: '{guest}.sock', dialect: 'ovirt' })
  const connected = await listen(t, join(folder, 'web1.sock'))
  await keeper.start()
  const socket = await connected()
  const [peer] = agent.peers()
  const request = { ask: 'run', command: 'session', args: ['lock'], hasStdin: false } as const
  t.throws(() => peer?.open(request), {
    message: /^Cannot call "web1": its machine runs without our channels/,
  })
  let heard = ''
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString()))
  socket.write('{"__name__": "heartbeat", "free-ram": "1"}\n')
  while (peer?.commands === undefined) await setTimeout(5)
  const call = peer.open(request)
  while (!heard.includes('"lock-screen"')) await once(socket, 'data')
  const [, id = ''] = /"lock-screen", "reply_id": "([^"]+)"/.exec(heard) ?? []
  socket.write(`{"__name__": "completion", "reply_id": "${id}", "done": true}\n`)
  t.same(await call.result, { kind: 'exited', code: 0 })
})

test('a guest without a uuid has no path that needs one, nor has a machine that is off a connection', async (t) => {
  const guests: readonly FoundGuest[] = [
    { name: 'web1', sockets: {} },
    { name: 'web2', uuid, state: 'off', sockets: {} },
  ]
  const { keeper, logLines } = await setStage(t, { guests, path: '{uuid}.sock' })
  await keeper.start()
  t.same(keeper.dialectStatus(), [])
  const told = logLines.filter((line) => line.includes('A guest has no path for a dialect'))
  t.equal(told.length, 1)
  t.match(told[0], /guest="web1" dialect="appmonitor"/)
})
