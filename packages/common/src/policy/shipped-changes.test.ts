import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'smol-toml'
import { test } from 'tap'
import { decide } from './decide.js'
import { parsePolicy } from './parse.js'
import type { ParsedRule } from './parse-rule.js'
import { reasonOfRule } from './refusal.js'
import { guest, host, self } from './test-policy.js'

const repository = join(import.meta.dirname, '../../../..')
const shipped = readFileSync(join(repository, 'policy/guest/90-default.policy'), 'utf8')
const commandFolder = join(repository, 'packages/system/commands')

/** What the host may not do until it is allowed, and a line that allows it. */
const changes: readonly (readonly [call: readonly [string, ...string[]], line: string])[] = [
  [['apply-network', '--confirm-within', '60'], 'apply-network  *  @host  @self  allow'],
  [['file-get', '/etc/motd'], 'file-get  +/etc/motd  @host  @self  allow'],
  [['file-put', '/srv/x', '--backup'], 'file-put  +/srv/*+@rest  @host  @self  allow'],
  [['power', 'reboot', '--delay', '60'], 'power  +reboot+@rest  @host  @self  allow'],
  [['self-update'], 'self-update  @none  @host  @self  allow'],
  [['session', 'lock'], 'session  +lock  @host  @self  allow'],
  [['set-host-name', 'web-1'], 'set-host-name  +web-*  @host  @self  allow'],
  [['set-password', 'root'], 'set-password  +root  @host  @self  allow'],
  [['ssh-key', 'add', 'root'], 'ssh-key  +add+root  @host  @self  allow'],
]

function rulesWith(local: string): readonly ParsedRule[] {
  const { rules, problems } = parsePolicy([
    { file: '30-local.policy', path: '/policy.d/30-local.policy', text: local },
    { file: '90-default.policy', path: '/policy.d/90-default.policy', text: shipped },
  ])
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  return rules
}

test('the shipped policy of the guest denies each command that changes it, and says which line does', (t) => {
  for (const [[command, ...args]] of changes) {
    const lineNumber = shipped.split('\n').findIndex((line) => line.startsWith(`${command} `)) + 1
    for (const caller of [host, guest('web1')]) {
      const { kind, rule } = decide(rulesWith(''), { caller, target: self, command, args }, 'guest')
      t.equal(kind, 'deny', command)
      if (rule === undefined) return t.fail('it is a rule that denies')
      const reason = `rule 90-default.policy:${lineNumber} denies it; an administrator can allow it by a rule before that one`
      t.equal(reasonOfRule(rule), reason)
    }
  }
  return t.end()
})

test('one line of an administrator allows one of them, and no other', (t) => {
  for (const [[allowed], line] of changes) {
    for (const [[command, ...args]] of changes) {
      const { kind } = decide(rulesWith(line), { caller: host, target: self, command, args }, 'guest')
      t.equal(kind, command === allowed ? 'allow' : 'deny', `${line} and ${command}`)
    }
  }
  t.end()
})

test('a line of an administrator allows no more than it says', (t) => {
  const cases: readonly (readonly [line: string, call: readonly [string, ...string[]]])[] = [
    ['set-password  +root  @host  @self  allow', ['set-password', 'root', '--unlock']],
    ['set-password  +root  @host  @self  allow', ['set-password', 'alice']],
    ['ssh-key  +list+*  @host  @self  allow', ['ssh-key', 'add', 'root']],
    ['power  +reboot+@rest  @host  @self  allow', ['power', 'shutdown']],
    ['file-put  +/srv/*  @host  @self  allow', ['file-put', '/etc/x']],
  ]
  for (const [line, [command, ...args]] of cases) {
    const { kind } = decide(rulesWith(line), { caller: host, target: self, command, args }, 'guest')
    t.equal(kind, 'deny', `${line} and ${args.join(' ')}`)
  }
  t.end()
})

test('each shipped command that has a dry run, for it changes something, is among them', (t) => {
  const named = changes.map(([[command]]) => command)
  for (const file of readdirSync(commandFolder)) {
    const { usage } = parse(readFileSync(join(commandFolder, file), 'utf8'))
    if (typeof usage === 'string' && usage.includes('--dry-run'))
      t.ok(named.includes(file.replace('.toml', '')), file)
  }
  t.end()
})

test('each of them has a dry run, but for the one that only reads', (t) => {
  for (const [[command]] of changes) {
    const { usage } = parse(readFileSync(join(commandFolder, `${command}.toml`), 'utf8'))
    const hasDryRun = typeof usage === 'string' && usage.includes('[--dry-run]')
    t.equal(hasDryRun, command !== 'file-get', command)
  }
  t.end()
})
