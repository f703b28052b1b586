import { test } from 'tap'
import type { AuditRecord } from './audit.js'
import { auditArguments } from './audit-arguments.js'
import { CallRecord } from './call-record.js'
import type { CatalogueEntry } from './catalogue.js'
import { testRule } from './test-judge.js'

const args = ['root', 'hunter2']

interface Given {
  readonly commands?: readonly CatalogueEntry[]
  readonly beyond?: string
  readonly audit?: 'full' | 'hash' | 'none'
}

/** What is told of the arguments of a program's call to a peer. */
function toldOf({ commands, beyond, audit = 'full' }: Given): Pick<AuditRecord, 'args' | 'argsHash'> {
  const record = new CallRecord({
    side: 'host',
    callId: '1',
    request: { ask: 'run', command: 'it', args, hasStdin: false },
    caller: { kind: 'program' },
    target: { kind: 'guest', name: 'web1' },
  })
  record.rule = testRule({ audit })
  record.goesTo({ name: 'web1', uuid: undefined, commands }, beyond)
  const { args: told, argsHash } = record.complete({
    result: { kind: 'exited', code: 0 },
    startedMs: 0,
    stages: { waitMs: 0, decideMs: 0, startMs: 0, runMs: 0 },
    stdinBytes: 0,
    stdoutBytes: 0,
    stderrBytes: 0,
  })
  return told === undefined ? { argsHash } : { args: told, argsHash }
}

const it = { name: 'it', kind: 'executable' }
const other = { name: 'other', kind: 'executable', secretArgs: [] }

test('complete() masks what the peer called secret', (t) => {
  const commands = [other, { ...it, secretArgs: [2] }]
  const masked = ['root', '***']
  t.match(toldOf({ commands }), { args: masked, argsHash: undefined })
  t.match(
    toldOf({ commands, audit: 'hash' }),
    auditArguments({ args: masked, detail: 'hash', secretArgs: [] }),
  )
  t.match(toldOf({ commands, audit: 'none' }), { args: undefined, argsHash: undefined })
  t.match(toldOf({ commands: [{ ...it, secretArgs: [] }] }), { args })
  t.end()
})

test('complete() only hashes the arguments of a command of whose secrets nothing is known', (t) => {
  const hash = auditArguments({ args, detail: 'hash', secretArgs: [] })
  for (const [why, given] of [
    ['no catalogue was told yet', {}],
    ['the command is not told', { commands: [other] }],
    ['the other side is an older one, which does not say', { commands: [it] }],
    ['the command is that of another guest', { commands: [{ ...it, secretArgs: [] }], beyond: 'db1' }],
  ] as const)
    t.same(toldOf(given), hash, why)
  t.end()
})
