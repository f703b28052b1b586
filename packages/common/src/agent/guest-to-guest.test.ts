import { test } from 'tap'
import type { Test } from 'tap'
import type { Judge } from '../call/judge.js'
import { testJudge, testRule } from '../call/test-judge.js'
import { CollectedCall } from '../dialects/collected-call.js'
import type { CollectedEnd } from '../dialects/dialect.js'
import type { Caller } from '../policy/caller.js'
import type { Question } from '../policy/rule.js'
import { writeCommand } from '../test-folder.js'
import { relayedCallers } from '../wire/hello.js'
import type { RunRequest } from '../wire/request.js'
import { joinedAgents, testAgent } from './test-agents.js'
import type { JoinedAgents, TestAgent } from './test-agents.js'

const whoCalls = 'echo "$NEGOTIATOR_CALLER_KIND|$NEGOTIATOR_CALLER|$NEGOTIATOR_CALLER_UUID|$NEGOTIATOR_GUEST"'

/** Two guests of one host. */
async function twoGuests(
  t: Test,
  judge: Judge = testJudge(),
): Promise<{ host: TestAgent; web: JoinedAgents; db: JoinedAgents }> {
  const host = await testAgent(t, { side: 'host', judge })
  const web = await joinedAgents(t, { host, name: 'web1', uuid: 'aaaa' })
  const db = await joinedAgents(t, { host, name: 'db1', uuid: 'bbbb' })
  return { host, web, db }
}

/** A program in a guest calls. */
async function call(
  { guest }: JoinedAgents,
  request: Partial<RunRequest> & { readonly target: string },
): Promise<CollectedEnd> {
  const run: RunRequest = { ask: 'run', command: 'who-calls', args: [], hasStdin: false, ...request }
  const collected = new CollectedCall({ request: run, outputBytesMax: 1000 })
  guest.agent.serveProgram(collected, { request: run, program: { kind: 'program' } })
  return await collected.ended
}

test("a guest's call reaches another guest, which is told by the host who calls", async (t) => {
  const asked: Question[] = []
  const judge = testJudge((question) => {
    asked.push(question)
    return { kind: 'allow', rule: testRule() }
  })
  const { host, web, db } = await twoGuests(t, judge)
  writeCommand({ folder: db.guest.folder, name: 'who-calls', script: whoCalls })
  const { result, stdout } = await call(web, { target: 'db1' })
  t.same(result, { kind: 'exited', code: 0 })
  t.equal(stdout.toString(), 'guest|web1|aaaa|\n')
  t.match(asked.at(-1), {
    caller: { kind: 'guest', name: 'web1', uuid: 'aaaa' },
    target: { kind: 'guest', name: 'db1', uuid: 'bbbb' },
  })
  t.match(
    [web.guest.audit.records, host.audit.records, db.guest.audit.records].map((records) => records.at(-1)),
    [
      { direction: 'out', caller: { name: 'user:?' }, target: { name: 'db1' } },
      { direction: 'relay', caller: { name: 'web1', uuid: 'aaaa' }, target: { name: 'db1', uuid: 'bbbb' } },
      { direction: 'in', caller: { name: 'web1', uuid: 'aaaa' }, target: { name: 'self' } },
    ],
  )
})

test('what the host denies never reaches the other guest, and tells nothing of who is there', async (t) => {
  const judge = testJudge(({ target }) =>
    target.kind === 'guest' ? { kind: 'deny', reason: 'no' } : { kind: 'allow', rule: testRule() },
  )
  const { web, db } = await twoGuests(t, judge)
  writeCommand({ folder: db.guest.folder, name: 'who-calls', script: whoCalls })
  const [known, unknown] = [await call(web, { target: 'db1' }), await call(web, { target: 'absent' })]
  t.same(known.result, { kind: 'denied', reason: 'the policy of the host: no' })
  t.same(known, unknown)
  t.same(db.guest.audit.records, [])
})

test('an allowed call to a guest that is not there says so', async (t) => {
  const { web } = await twoGuests(t)
  t.same((await call(web, { target: 'db2' })).result, {
    kind: 'unreachable',
    reason:
      'the host has no one guest of this name or uuid; ask its administrator, who sees them with `negotiator-host guests`',
  })
})

test('a rule may send a call elsewhere', async (t) => {
  const judge = testJudge(({ target }) => ({
    kind: 'allow',
    rule: testRule(target.kind === 'guest' ? { target: '@host' } : {}),
  }))
  const { host, web } = await twoGuests(t, judge)
  writeCommand({ folder: host.folder, name: 'who-calls', script: whoCalls })
  const { stdout } = await call(web, { target: 'db1' })
  t.equal(stdout.toString(), 'guest|web1|aaaa|web1\n')
  t.match(host.audit.records.at(-1), { direction: 'in', target: { name: 'host' } })
})

test('a guest does not call itself through its host', async (t) => {
  const { web } = await twoGuests(t)
  for (const target of ['web1', 'aaaa']) {
    t.same((await call(web, { target })).result, {
      kind: 'denied',
      reason: 'the host relays no call of a guest to itself; run the command there directly',
    })
  }
})

test("a guest's claim to be somebody else is not heard", async (t) => {
  const { host, web } = await twoGuests(t)
  writeCommand({ folder: host.folder, name: 'who-calls', script: whoCalls })
  const forged = {
    ask: 'run',
    command: 'who-calls',
    args: [],
    hasStdin: false,
    caller: { name: 'db1' },
  } as const
  await web.toHost.open(forged).result
  t.match(host.audit.records.at(-1), { caller: { name: 'web1', uuid: 'aaaa' } })
})

test('a guest that cannot be told who calls is passed no call', async (t) => {
  const { web, db } = await twoGuests(t)
  const remote = db.toGuest.remote
  if (remote === undefined) throw new Error('the guest is ready')
  const features = remote.features as string[]
  features.splice(features.indexOf(relayedCallers), 1)
  t.same((await call(web, { target: 'db1' })).result, {
    kind: 'unreachable',
    reason: `Cannot pass a guest's call on to "db1": its daemon is too old to be told who calls; upgrade it`,
  })
})

test('a name that two guests have names neither of them', async (t) => {
  const asked: Caller[] = []
  const judge = testJudge(({ caller }) => {
    asked.push(caller)
    return { kind: 'allow', rule: testRule() }
  })
  const { host, web } = await twoGuests(t, judge)
  const twin = host.agent.addPeer({
    name: 'web1',
    uuid: 'cccc',
    caller: { kind: 'guest', name: 'web1', uuid: 'cccc' },
  })
  await call(web, { target: 'host', command: 'any' })
  host.agent.removePeer(twin)
  await call(web, { target: 'host', command: 'any' })
  t.same(asked, [
    { kind: 'guest', name: 'aaaa', uuid: 'aaaa' },
    { kind: 'guest', name: 'web1', uuid: 'aaaa' },
  ])
})
