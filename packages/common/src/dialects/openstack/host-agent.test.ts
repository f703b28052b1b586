import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { systemClock } from '../../clock.js'
import type { Clock } from '../../clock.js'
import { FakeClock, settle } from '../../fake-clock.js'
import { silentLog } from '../../log.js'
import { testFolder } from '../../test-folder.js'
import { LegacyServer } from '../legacy-server.js'
import { connectXenStore } from '../xenstore/client.js'
import { TestXenStoreServer } from '../xenstore/test-xenstore-server.js'
import { XenStoreExchange } from '../xenstore/xenstore-exchange.js'
import { OpenStackAgent } from './host-agent.js'
import { decryptOld, OldKeyPair } from './old-key-exchange.js'
import { openOpenStackDialect } from './openstack-dialect.js'
import { TestXenGuest } from './test-xen-guest.js'
import type { AskedOfGuest } from './test-xen-guest.js'

interface Stage {
  readonly socket: string
  readonly server: TestXenStoreServer
  readonly agent: (domain?: string, timeoutMs?: number) => Promise<OpenStackAgent>
}

async function setStage(t: Test, clock: Clock = systemClock): Promise<Stage> {
  const socket = join(testFolder(t), 'socket')
  const server = await TestXenStoreServer.listen(socket)
  t.teardown(() => server.close())
  const agent = async (domain = 'web1', timeoutMs?: number): Promise<OpenStackAgent> => {
    const store = await connectXenStore({ path: socket, clock })
    return new OpenStackAgent({ store, domain, clock, timeoutMs })
  }
  return { socket, server, agent }
}

const reply = (message: string, returncode: string | number = '0'): string =>
  JSON.stringify({ message, returncode })

/** An agent as they were, that knows some calls. */
function oldAgent(features: string): (asked: AskedOfGuest) => string {
  return ({ name }) => (name === 'features' ? reply(features) : reply(name === 'version' ? '1.39.1' : ''))
}

/** What is left of questions and answers. */
function leftOvers({ server }: Stage): readonly string[] {
  const path = '/local/domain/7/data'
  return ['host', 'guest'].flatMap((name) =>
    server.tree.has(`${path}/${name}`) ? server.tree.list(`${path}/${name}`) : [],
  )
}

test('OpenStackAgent calls what the dom0 plug-in called, with the same bytes', async (t) => {
  const stage = await setStage(t)
  const known = 'version,features,password,injectfile,resetnetwork,agentupdate'
  const guest = await TestXenGuest.start({ ...stage, answer: oldAgent(known) })
  const agent = await stage.agent()
  t.equal(await agent.version(), '1.39.1')
  t.same(await agent.features(), known.split(','))
  await agent.injectFile({ path: '/tmp/a b.txt', content: Buffer.from('hello, world\n') })
  await agent.resetNetwork()
  await agent.update({ url: 'https://updates.example/a.tar', md5: '0'.repeat(32) })
  await agent.update({ url: 'https://updates.example/a.tar' })
  t.same(
    guest.asked.filter(({ name }) => name !== 'features'),
    [
      { name: 'version', value: 'agent' },
      { name: 'injectfile', value: 'L3RtcC9hIGIudHh0LGhlbGxvLCB3b3JsZAo=' },
      { name: 'resetnetwork', value: '' },
      { name: 'agentupdate', value: `https://updates.example/a.tar,${'0'.repeat(32)}` },
      { name: 'agentupdate', value: 'https://updates.example/a.tar,' },
    ],
  )
  t.same(leftOvers(stage), [], 'answers are removed once they are read')
})

test('OpenStackAgent prefers the form that keeps path and content apart', async (t) => {
  const stage = await setStage(t)
  const guest = await TestXenGuest.start({ ...stage, answer: oldAgent('injectfile,file_inject') })
  await (await stage.agent()).injectFile({ path: '/a,b', content: Buffer.of(0, 255) })
  t.same(guest.asked.at(-1), { name: 'file_inject', value: { b64_path: 'L2EsYg==', b64_file: 'AP8=' } })
})

test('OpenStackAgent sets a password that only the guest reads from what it sends', async (t) => {
  const stage = await setStage(t)
  const pair = new OldKeyPair()
  let password: string | undefined
  let hostKey = ''
  const answer = ({ name, value }: AskedOfGuest): string => {
    if (name === 'keyinit') {
      hostKey = String(value)
      return reply(`${pair.publicKey}\\r\\n`, 'D0')
    }
    password = decryptOld(Buffer.from(String(value), 'base64'), pair.secretWith(hostKey) ?? '')
    return reply('\\r\\n')
  }
  const guest = await TestXenGuest.start({ ...stage, answer })
  await (await stage.agent()).setPassword('s3cret é')
  t.equal(password, 's3cret é')
  t.notMatch(JSON.stringify(guest.asked), /s3cret/)
})

test('OpenStackAgent and the dialect understand each other', async (t) => {
  const stage = await setStage(t)
  stage.server.write('/local/domain/7/name', 'web1')
  const store = await connectXenStore({ path: stage.socket, clock: systemClock })
  const exchange = new XenStoreExchange({
    store,
    domainPath: '/local/domain/7',
    clock: systemClock,
    log: silentLog,
  })
  t.teardown(() => exchange.close())
  const inputs: string[] = []
  new LegacyServer({
    exchange,
    dialect: openOpenStackDialect({ hasOldKeyExchange: true }),
    serve: (call) => {
      call.stdin.receive({ bytes: (chunk) => inputs.push(chunk.toString()), end: () => undefined })
      call.finish({ kind: 'exited', code: 0 })
    },
    outputBytesMax: 1000,
  })
  await (await stage.agent()).setPassword('both ends are ours')
  t.same(inputs, ['both ends are ours\n'])
})

test('a domain is found by its number, its name and its uuid', async (t) => {
  const stage = await setStage(t)
  await TestXenGuest.start({ ...stage, answer: oldAgent('') })
  stage.server.write('/local/domain/8/data/left', 'over')
  for (const domain of ['7', 'web1', '8B04ED8B-5aa1-4a6a-bb56-ad0f00d1c0de'])
    t.equal(await (await stage.agent(domain)).version(), '1.39.1')
  for (const domain of ['8', '9', 'web2', '']) {
    const message =
      `Cannot find the domain "${domain}" in XenStore: no domain that runs has this number, name or uuid; ` +
      '`xenstore-ls /local/domain` shows what there is'
    await t.rejects((await stage.agent(domain)).version(), {
      name: 'UsageError',
      code: 'no-such-domain',
      message,
    })
  }
})

test('NOT IMPLEMENTED: what an agent does not list is not asked of it', async (t) => {
  const stage = await setStage(t)
  const guest = await TestXenGuest.start({ ...stage, answer: oldAgent('version,features') })
  const agent = await stage.agent()
  const expected = {
    name: 'AgentError',
    code: 'not-implemented',
    message: 'NOT IMPLEMENTED: the agent does not know "file_inject"; it knows version, features',
  }
  await t.rejects(agent.injectFile({ path: '/a', content: Buffer.alloc(0) }), expected)
  await t.rejects(agent.resetNetwork(), {
    message: /^NOT IMPLEMENTED: the agent does not know "resetnetwork"/,
  })
  await t.rejects(agent.update({ url: 'https://x' }), { message: /^NOT IMPLEMENTED: .*"agentupdate"/ })
  t.same([...new Set(guest.asked.map(({ name }) => name))], ['features'])
})

test('NOT IMPLEMENTED, too, of an agent that is older than the list', async (t) => {
  const stage = await setStage(t)
  const answer = (): string => reply("No such agent command 'features'", '404')
  await TestXenGuest.start({ ...stage, answer })
  const message = 'NOT IMPLEMENTED: the agent does not know "resetnetwork"; it knows nothing that it tells'
  await t.rejects((await stage.agent()).resetNetwork(), { message })
})

test('FAILED: only the one code of success is one, as a text or as a number', async (t) => {
  const stage = await setStage(t)
  let answer = ''
  await TestXenGuest.start({
    ...stage,
    answer: ({ name }) => (name === 'features' ? reply('resetnetwork') : answer),
  })
  const agent = await stage.agent()
  const reset = async (text: string): Promise<void> => {
    answer = text
    await agent.resetNetwork()
  }
  await reset(reply('', 0))
  const message = /^FAILED: the agent has answered "resetnetwork" with /
  await t.rejects(reset(reply('no interface', '500')), {
    code: 'agent-failed',
    message: /with 500: no interface$/,
  })
  await t.rejects(reset(reply('no interface', 500)), { message })
  await t.rejects(reset(reply('', 'D0')), { message })
  await t.rejects(reset('{}'), { message: /with no code: $/ })
  for (const text of ['', 'x', '[]', '5'])
    await t.rejects(reset(text), {
      code: 'bad-answer',
      message: 'Cannot read the agent\'s answer to "resetnetwork": it is no JSON object',
    })
  await t.rejects(agent.setPassword('x'), { message: /^Cannot read the agent's answer to "keyinit"/ })
  answer = reply('1', 'D0')
  await t.rejects(agent.setPassword('x'), { message: 'FAILED: the agent has sent no key that could be used' })
})

test('TIMEOUT: a request that nobody answers is taken back', async (t) => {
  const clock = new FakeClock()
  const stage = await setStage(t, clock)
  const guest = await TestXenGuest.start({ ...stage, answer: oldAgent('') })
  guest.isThere = false
  const asking = (await stage.agent()).features()
  const refused = t.rejects(asking, {
    name: 'AgentError',
    code: 'timed-out',
    message:
      'TIMEOUT: the agent of "web1" has not answered "features" within 30 s; ' +
      'is nova-agent running there, or negotiator-guest with its openstack dialect?',
  })
  await untilWaiting(stage, clock)
  t.equal(leftOvers(stage).length, 1)
  await clock.advance(30_000)
  await refused
  t.same(leftOvers(stage), [])
  t.equal(clock.timerCount, 0)
})

test('TIMEOUT: a network and an update have as long as the old hosts gave them, and are not polled for', async (t) => {
  const calls = [
    [60, async (agent: OpenStackAgent) => await agent.resetNetwork()],
    [300, async (agent: OpenStackAgent) => await agent.update({ url: 'https://x' })],
  ] as const
  for (const [seconds, call] of calls) {
    const clock = new FakeClock()
    const stage = await setStage(t, clock)
    const guest = await TestXenGuest.start({
      ...stage,
      answer: () => {
        guest.isThere = false
        return reply('resetnetwork,agentupdate')
      },
    })
    const refused = t.rejects(call(await stage.agent()), {
      message: new RegExp(`^TIMEOUT: .* within ${seconds} s; `),
    })
    await untilWaiting(stage, clock)
    await clock.advance(seconds * 1000 - 1)
    t.equal(stage.server.questionCount, 0, 'nothing is asked meanwhile')
    await clock.advance(1)
    await refused
  }
})

test('TIMEOUT: version() gives an agent 300 s to be there', async (t) => {
  const clock = new FakeClock()
  const stage = await setStage(t, clock)
  const guest = await TestXenGuest.start({ ...stage, answer: oldAgent('') })
  guest.isThere = false
  const refused = t.rejects((await stage.agent()).version(), { message: /^TIMEOUT: .* within 300 s; / })
  for (let attempt = 0; attempt < 10; attempt += 1) {
    await untilWaiting(stage, clock)
    await clock.advance(30_000)
  }
  await refused
})

test('version() asks until an agent is there, or until time is over', async (t) => {
  const clock = new FakeClock()
  const stage = await setStage(t, clock)
  const guest = await TestXenGuest.start({ ...stage, answer: oldAgent('') })
  guest.isThere = false
  const agent = await stage.agent('web1', 45_000)
  const refused = t.rejects(agent.version(), {
    code: 'timed-out',
    message: /^TIMEOUT: no agent of "web1" has answered within 45 s; is nova-agent running there/,
  })
  await untilWaiting(stage, clock)
  await clock.advance(30_000)
  await untilWaiting(stage, clock)
  await clock.advance(15_000)
  await refused
  const late = agent.version()
  await untilWaiting(stage, clock)
  guest.isThere = true
  await clock.advance(30_000)
  t.equal(await late, '1.39.1')
})

test('REBOOT: what may be done twice is asked again of the domain that comes after', async (t) => {
  const stage = await setStage(t)
  await TestXenGuest.start({ ...stage, answer: () => die(stage) })
  const asking = (await stage.agent()).version()
  while (stage.server.tree.has('/local/domain/7')) await stage.server.changed()
  await TestXenGuest.start({ ...stage, id: '8', answer: oldAgent('') })
  t.equal(await asking, '1.39.1')
})

test('REBOOT: what may not be done twice is told, and what does not come back, too', async (t) => {
  const stage = await setStage(t)
  const pair = new OldKeyPair()
  const answer = ({ name }: AskedOfGuest): string | undefined =>
    name === 'keyinit' ? reply(pair.publicKey, 'D0') : die(stage)
  await TestXenGuest.start({ ...stage, answer })
  const message = 'REBOOT: "web1" went away before its agent had answered "password"; ask again once it is up'
  await t.rejects((await stage.agent()).setPassword('x'), { code: 'rebooted', message })
})

test('REBOOT: a domain that stays away is waited for, but not for ever', async (t) => {
  const clock = new FakeClock()
  const stage = await setStage(t, clock)
  await TestXenGuest.start({ ...stage, answer: () => die(stage) })
  const refused = t.rejects((await stage.agent()).features(), { code: 'rebooted' })
  while (stage.server.tree.has('/local/domain/7')) await stage.server.changed()
  // The wait for the answer ends with the domain, the one for the next domain begins.
  for (let quiet = 0; quiet < 5; quiet += stage.server.questionCount === 0 ? 1 : 0) {
    stage.server.questionCount = 0
    await settle()
  }
  await clock.advance(30_000)
  await refused
})

test('what does not fit, or could be misread, is refused before it is sent', async (t) => {
  const stage = await setStage(t)
  const guest = await TestXenGuest.start({ ...stage, answer: oldAgent('injectfile') })
  const agent = await stage.agent()
  await t.rejects(agent.injectFile({ path: '/a', content: Buffer.alloc(4000) }), {
    name: 'UsageError',
    code: 'request-too-long',
    message:
      'Cannot send "injectfile": as one node of XenStore it takes 5375 bytes, at most 4033 fit; ' +
      'call file-put over negotiator, where content has no such limit',
  })
  await t.rejects(agent.injectFile({ path: '/a,b', content: Buffer.alloc(0) }), {
    name: 'UsageError',
    code: 'bad-path',
    message:
      'Cannot inject "/a,b": this agent takes path and content in one, with a comma between; choose a path without one',
  })
  t.same([...new Set(guest.asked.map(({ name }) => name))], ['features'])
})

test('a lost XenStore ends the wait', async (t) => {
  const stage = await setStage(t)
  await TestXenGuest.start({ ...stage, answer: () => leave(stage) })
  await t.rejects((await stage.agent()).features(), { code: 'xenstore-lost' })
})

/** The domain goes, as with a shutdown. */
function die({ server }: Stage): undefined {
  server.remove('/local/domain/7')
}

/** The daemon goes. */
function leave({ server }: Stage): undefined {
  server.hangUp()
}

/** Until a request lies there and the watches for its answer have told what they tell at once. */
async function untilWaiting({ server }: Stage, clock: FakeClock): Promise<void> {
  const path = '/local/domain/7/data/host'
  while (!server.tree.has(path) || server.tree.list(path).length === 0) await server.changed()
  while (clock.timerCount === 0) await settle()
  for (let quiet = 0; quiet < 5; quiet += server.questionCount === 0 ? 1 : 0) {
    server.questionCount = 0
    await settle()
  }
}
