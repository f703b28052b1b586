/** Arguments that the settings beside a command call secret stand in no daemon's audit log. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import type { AuditRecord } from '../call/audit.js'
import type { Judge } from '../call/judge.js'
import { testJudge, testRule } from '../call/test-judge.js'
import { CollectedCall } from '../dialects/collected-call.js'
import type { AuditDetail } from '../policy/rule.js'
import { writeCommand } from '../test-folder.js'
import type { RunRequest } from '../wire/request.js'
import type { Link } from './link.js'
import { joinedAgents, testAgent, untilSeen } from './test-agents.js'
import type { JoinedAgents, TestAgent } from './test-agents.js'

const [args, masked] = [
  ['root', 'hunter2'],
  ['root', '***'],
]

function judge(audit: AuditDetail): Judge {
  return testJudge(() => ({ kind: 'allow', rule: testRule({ audit }) }))
}

/** A host and a guest whose audit logs tell so much. */
async function pairOf(t: Test, audit: AuditDetail = 'full'): Promise<JoinedAgents> {
  const host = await testAgent(t, { side: 'host', judge: judge(audit) })
  return await joinedAgents(t, { host, guestJudge: judge(audit) })
}

/** Gives a side the command `it`, whose second argument is secret, and waits until the other side has heard of it. */
async function giveCommand(
  { folder }: TestAgent,
  { link, seenBy }: { link: Link; seenBy: TestAgent },
): Promise<void> {
  writeFileSync(join(folder, 'it.toml'), 'secret-args = [2]', { mode: 0o644 })
  writeCommand({ folder, name: 'it', script: 'exit 0' })
  await untilSeen(seenBy.agent, () => link.commands?.[0]?.secretArgs?.[0] === 2)
}

/** A local program calls `it`. */
async function call({ agent }: TestAgent, target: string): Promise<void> {
  const request: RunRequest = { ask: 'run', command: 'it', args, hasStdin: false, target }
  const collected = new CollectedCall({ request, outputBytesMax: 1000 })
  agent.serveProgram(collected, { request, program: { kind: 'program' } })
  await collected.ended
}

/** The last record of each. */
function lastOf(...agents: readonly TestAgent[]): readonly (AuditRecord | undefined)[] {
  return agents.map(({ audit }) => audit.records.at(-1))
}

test('a secret stands in the log of neither side of a call', async (t) => {
  const { host, guest, toGuest, toHost } = await pairOf(t)
  await giveCommand(guest, { link: toGuest, seenBy: host })
  await call(host, 'web1')
  t.match(lastOf(host, guest), [
    { direction: 'out', args: masked, result: { kind: 'exited' } },
    { direction: 'in', args: masked },
  ])
  await giveCommand(host, { link: toHost, seenBy: guest })
  await call(guest, 'host')
  t.match(lastOf(host, guest), [
    { direction: 'in', args: masked },
    { direction: 'out', args: masked, result: { kind: 'exited' } },
  ])
})

test('both sides have the same hash, and no secret could be guessed from it', async (t) => {
  const { host, guest, toGuest } = await pairOf(t, 'hash')
  await giveCommand(guest, { link: toGuest, seenBy: host })
  await call(host, 'web1')
  const [out, run] = lastOf(host, guest)
  t.ok(out?.argsHash !== undefined && out.argsHash === run?.argsHash)
})

test('a host that relays a call shows no secret, and a guest that calls another through it only a hash', async (t) => {
  const web = await pairOf(t)
  const { host } = web
  const db = await joinedAgents(t, { host, name: 'db1', guestJudge: judge('full') })
  await giveCommand(db.guest, { link: db.toGuest, seenBy: host })
  await call(web.guest, 'db1')
  t.match(lastOf(web.guest, host, db.guest), [
    { direction: 'out', args: undefined, argsHash: /^[0-9a-f]{64}$/ },
    { direction: 'relay', args: masked, result: { kind: 'exited' } },
    { direction: 'in', args: masked },
  ])
})

test('of a command that the guest does not tell of, the host only hashes the arguments', async (t) => {
  const host = await testAgent(t, { side: 'host', judge: judge('full') })
  const guestJudge = { ...judge('full'), mayEverCall: () => false }
  const { guest } = await joinedAgents(t, { host, guestJudge })
  writeFileSync(join(guest.folder, 'it.toml'), 'secret-args = [2]', { mode: 0o644 })
  writeCommand({ folder: guest.folder, name: 'it', script: 'exit 0' })
  await call(host, 'web1')
  t.match(lastOf(host, guest), [
    { direction: 'out', args: undefined, argsHash: /^[0-9a-f]{64}$/, result: { kind: 'exited' } },
    { direction: 'in', args: masked },
  ])
})
