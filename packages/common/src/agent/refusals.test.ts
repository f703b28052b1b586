/** Every refusal that a caller can meet, each brought about: it says which side, which rule or limit, and what to do. */
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import type { Judge } from '../call/judge.js'
import * as refusals from '../call/refusals.js'
import { CollectedCall } from '../dialects/collected-call.js'
import { callsPerCallerMax, cataloguesPerCallerMax, callsWaitingMax, guestCallsMax } from '../limits.js'
import { decide } from '../policy/decide.js'
import { reasonOfBadPolicy } from '../policy/refusal.js'
import { rulesOf } from '../policy/test-policy.js'
import { writeCommand } from '../test-folder.js'
import type { RunRequest } from '../wire/request.js'
import type { Result } from '../wire/result.js'
import { joinedAgents, testAgent } from './test-agents.js'
import type { JoinedAgents, TestAgent } from './test-agents.js'

type Side = 'host' | 'guest'

/** A judge with these rules. */
function judgeOf(side: Side, ...lines: readonly string[]): Judge {
  const rules = rulesOf(lines)
  return {
    decide: (question) => decide(rules, question, side),
    mayEverCall: () => true,
    isShutOut: () => false,
    subscribe: () => () => undefined,
  }
}

interface Scene extends JoinedAgents {
  /** A program of the guest calls. */
  readonly fromGuest: (request?: Partial<RunRequest>) => CollectedCall
  /** A program of the host calls the guest. */
  readonly fromHost: (request?: Partial<RunRequest>) => CollectedCall
}

interface SceneRules {
  readonly host?: readonly string[]
  readonly guest?: readonly string[]
}

const allowAll = ['* * * * allow']

async function scene(t: Test, { host = allowAll, guest = allowAll }: SceneRules = {}): Promise<Scene> {
  const hostAgent = await testAgent(t, { side: 'host', judge: judgeOf('host', ...host) })
  const agents = await joinedAgents(t, { host: hostAgent, guestJudge: judgeOf('guest', ...guest) })
  const from =
    ({ agent }: TestAgent, target: string) =>
    (given: Partial<RunRequest> = {}): CollectedCall => {
      const request: RunRequest = { ask: 'run', command: 'it', args: [], hasStdin: false, target, ...given }
      const call = new CollectedCall({ request, outputBytesMax: 1000 })
      agent.serveProgram(call, { request, program: { kind: 'program' } })
      return call
    }
  return { ...agents, fromGuest: from(agents.guest, 'host'), fromHost: from(agents.host, 'web1') }
}

async function resultOf(call: CollectedCall): Promise<Result> {
  return (await call.ended).result
}

test('no rule allows it: each side says that it is its policy, and which rule would allow it', async (t) => {
  const none = ['other * * * allow']
  for (const [rules, from, speaker, rule] of [
    [{ host: none }, 'fromGuest', 'the host', 'it * web1 @host allow'],
    [{ guest: none }, 'fromGuest', 'the calling guest', 'it * @self @host allow'],
    [{ guest: none }, 'fromHost', 'the called guest', 'it * @host @self allow'],
    [{ host: none }, 'fromHost', 'the host', 'it * @host web1 allow'],
  ] as const) {
    t.same(await resultOf((await scene(t, rules))[from]()), {
      kind: 'denied',
      reason:
        `the policy of ${speaker}: no rule of the policy allows it; ` +
        `an administrator can add one, e.g. "${rule}" in policy.d/30-local.policy`,
    })
  }
})

test('a rule denies it', async (t) => {
  const { fromGuest } = await scene(t, { host: ['# mine', 'it * web1 @host deny', ...allowAll] })
  t.same(await resultOf(fromGuest()), {
    kind: 'denied',
    reason:
      'the policy of the host: rule 10-test.policy:2 denies it; an administrator can allow it by a rule before that one',
  })
})

test('there is no good policy', (t) => {
  const problem = { file: '30-local.policy', path: '/x', line: 3, column: 7, message: 'm', fix: 'f' }
  t.same(refusals.denied('the host', reasonOfBadPolicy([problem])), {
    kind: 'denied',
    reason:
      'the policy of the host: the policy could not be read: 30-local.policy:3:7 is at fault; an administrator must mend it',
  })
  t.end()
})

test('a rule allows so many calls in a time, or at once', async (t) => {
  const often = await scene(t, { host: ['it * web1 @host allow rate=1/h'] })
  writeCommand({ folder: often.host.folder, name: 'it', script: 'exit 0' })
  await resultOf(often.fromGuest())
  t.same(await resultOf(often.fromGuest()), {
    kind: 'busy',
    reason:
      'the policy of the host: rule 10-test.policy:1 allows 1 call an hour; call again later, or raise its rate=',
  })

  const many = await scene(t, { guest: ['it * @host @self allow max-concurrent=1'] })
  writeCommand({ folder: many.guest.folder, name: 'it', script: 'exec sleep 1000' })
  const first = many.fromHost()
  while (many.toGuest.callCount === 0) await new Promise(setImmediate)
  t.same(await resultOf(many.fromHost()), {
    kind: 'busy',
    reason:
      'the policy of the called guest: rule 10-test.policy:1 allows 1 call at once; ' +
      'call again when one has ended, or raise its max-concurrent=',
  })
  first.stop('cancelled')
  await resultOf(first)
})

test('one caller has too many calls', (t) => {
  t.same(refusals.tooManyOfCaller('the host', callsPerCallerMax), {
    kind: 'busy',
    reason: `the host runs ${callsPerCallerMax} commands for one caller at once, and none has ended for 30 s; call again when one has`,
  })
  t.same(refusals.tooManyWaiting('the host'), {
    kind: 'busy',
    reason: `${callsWaitingMax} calls of one caller wait at the host already; call again when some have been served`,
  })
  t.ok(guestCallsMax > 0)
  t.end()
})

test('one caller asks for the commands too often at once', async (t) => {
  const { toGuest } = await scene(t)
  // The link itself follows them, too.
  const kept = Array.from({ length: cataloguesPerCallerMax - 1 }, () => toGuest.open({ ask: 'commands' }))
  t.same(await toGuest.open({ ask: 'commands' }).result, {
    kind: 'busy',
    reason: `the called guest tells its commands to one caller ${cataloguesPerCallerMax} times at once; use what it tells already`,
  })
  for (const one of kept) one.cancel()
})

test('the command refuses: other arguments, no input, too many at once, another user', async (t) => {
  const { guest, fromHost } = await scene(t)
  writeCommand({ folder: guest.folder, name: 'it', script: 'exec cat' })
  const set = (text: string): void => writeFileSync(join(guest.folder, 'it.toml'), text, { mode: 0o644 })
  set('args = ["[0-9]+"]\nusage = "NUMBER"')
  t.same(await resultOf(fromHost({ args: ['x'] })), {
    kind: 'denied',
    reason: 'its settings: argument 1 ("x") does not match what this command takes; usage: NUMBER',
  })
  set('stdin = false')
  t.same(await resultOf(fromHost({ hasStdin: true })), {
    kind: 'denied',
    reason: 'its settings: it takes no standard input; call it with --no-stdin',
  })
  t.same(refusals.tooManyOfCommand(3), {
    kind: 'busy',
    reason:
      'its settings allow 3 calls of it at once; call again when one has ended, or raise its max-concurrent',
  })
  t.match(refusals.notAs('module'), { reason: /; make it an executable, or take user and group away$/ })
  t.match(refusals.notAs('socket'), { reason: /; make it an executable, or take user and group away$/ })
})

test('the file is refused, or is not there', async (t) => {
  const { guest, fromHost } = await scene(t)
  const path = writeCommand({ folder: guest.folder, name: 'it', script: 'exit 0' })
  chmodSync(path, 0o777)
  t.same(await resultOf(fromHost()), {
    kind: 'failed-to-start',
    reason: 'its file may be written by others than its owner; chmod go-w it',
  })
  t.same(await resultOf(fromHost({ command: 'absent' })), refusals.unknownCommand())
})

test('calls between guests that no host passes on', async (t) => {
  const { fromGuest, toGuest, toHost, host } = await scene(t)
  t.same(await resultOf(fromGuest({ target: 'web1' })), {
    kind: 'denied',
    reason: 'the host relays no call of a guest to itself; run the command there directly',
  })
  t.same(await resultOf(fromGuest({ target: 'web2' })), {
    kind: 'unreachable',
    reason:
      'the host has no one guest of this name or uuid; ask its administrator, who sees them with `negotiator-host guests`',
  })
  const run = { ask: 'run', command: 'it', args: [], hasStdin: false } as const
  t.same(await toGuest.open({ ...run, target: 'web2' }).result, {
    kind: 'denied',
    reason: 'a guest relays no calls; call the other guest from the host',
  })
  t.same(await toHost.open({ ask: 'status' }).result, {
    kind: 'denied',
    reason: 'a peer may not ask for "status"; only programs on its own machine may',
  })
  t.ok(host.audit.records.length > 0)
})

test('the daemon itself fails', (t) => {
  t.same(refusals.daemonFailed(), {
    kind: 'failed-to-start',
    reason: 'the daemon on the other side failed; its log says why',
  })
  t.end()
})

test('no refusal was left out, and none names a path', (t) => {
  const seen = [
    'daemonFailed',
    'denied',
    'noRelayHere',
    'noStdin',
    'noSuchGuest',
    'notAs',
    'notForPeers',
    'toItself',
    'tooManyCatalogues',
    'tooManyOfCaller',
    'tooManyOfCommand',
    'tooManyUnderRule',
    'tooManyWaiting',
    'tooOften',
    'unknownCommand',
    'wrongArguments',
  ]
  t.same(Object.keys(refusals).sort(), seen, 'a new refusal has its sentence shown above, and its name here')
  t.end()
})
