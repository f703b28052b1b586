import { generateKeyPairSync } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'tap'
import { asModule } from '../as-module.js'
import type { Machine } from '../machine.js'
import { callCommand } from '../test-machine.js'
import type { Called } from '../test-machine.js'
import { command } from './self-update-command.js'
import { packageOf, programOf, updateMachine } from './test-updates.js'

/** Calls it with bytes that come in pieces. */
async function update(machine: Machine, input: Buffer, args: readonly string[] = []): Promise<Called> {
  const [out, error]: [string[], string[]] = [[], []]
  const exitCode = await asModule(
    command,
    machine,
  )({
    args,
    caller: 'host',
    callerKind: 'host',
    stdin: piecesOf(input),
    signal: new AbortController().signal,
    write: async (content) => void (await Promise.resolve(out.push(content.toString()))),
    writeError: async (content) => void (await Promise.resolve(error.push(content))),
  })
  return { exitCode, stdout: out.join(''), stderr: error.join('') }
}

async function* piecesOf(input: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < input.length; at += 100) yield await Promise.resolve(input.subarray(at, at + 100))
}

test('self-update puts a signed program in place, keeps the old one, and has it started after the answer', async (t) => {
  const { machine, key, planned, program } = updateMachine(t)
  const { exitCode, stdout, stderr } = await update(machine, packageOf(programOf('9.0.0'), { key }), [
    '--json',
  ])
  t.same([exitCode, stderr], [0, ''])
  t.match(JSON.parse(stdout), {
    version: '9.0.0',
    oldVersion: /^\d/,
    isDryRun: false,
    backup: '/usr/local/bin/negotiator-guest.previous',
  })
  t.equal(readFileSync(program, 'utf8'), programOf('9.0.0'))
  t.equal(statSync(program).mode & 0o777, 0o755)
  t.equal(readFileSync(`${program}.previous`, 'utf8'), programOf('0.1.0'))
  t.same(readdirSync(dirname(program)), ['negotiator-guest', 'negotiator-guest.previous'])
  t.equal(planned.length, 1)
  t.same(planned[0]?.slice(-3), ['supervisorctl', 'restart', 'negotiator-guest'])
  t.same(await callCommand(command, { machine, args: ['--last'] }), {
    exitCode: 0,
    stdout: 'pending 9.0.0\n',
    stderr: '',
  })
})

test('self-update restarts the daemon as the administrator says', async (t) => {
  const { machine, key, planned } = updateMachine(t, {
    settings: 'restart = ["rc-service", "it", "restart"]',
  })
  await update(machine, packageOf(programOf('9.0.0'), { key }))
  t.same(planned[0]?.slice(-3), ['rc-service', 'it', 'restart'])
})

test('self-update --dry-run reads and checks all, and changes nothing', async (t) => {
  const { machine, key, planned, program } = updateMachine(t)
  const called = await update(machine, packageOf(programOf('9.0.0'), { key }), ['--dry-run'])
  t.match(called, { exitCode: 0, stdout: /^would update from \S+ to 9\.0\.0\n$/ })
  t.same(readdirSync(dirname(program)), ['negotiator-guest'])
  t.same(planned, [])
  const bad = packageOf(programOf('9.0.0'), { key }).subarray(0, -1)
  t.match(await update(machine, bad, ['--dry-run']), { exitCode: 64 })
})

const trusted = 'none of the keys that are trusted here has signed it; nothing was changed'

test('self-update takes nothing that is not whole, signed, newer and for this guest', async (t) => {
  const { machine, key, planned, program } = updateMachine(t)
  const stranger = generateKeyPairSync('ed25519').privateKey
  const good = packageOf(programOf('9.0.0'), { key })
  const spoilt = (from: string, to: string): Buffer =>
    Buffer.from(good.toString('latin1').replace(from, to), 'latin1')
  const cases: [input: Buffer, exitCode: number, reason: string | RegExp][] = [
    [packageOf(programOf('9.0.0'), { key: stranger }), 77, trusted],
    [spoilt('"version":"9.0.0"', '"version":"9.0.1"'), 77, trusted],
    [
      spoilt('echo 9.0.0', 'echo 9.0.1'),
      64,
      'the program has another SHA-256 than was signed; nothing was changed',
    ],
    [good.subarray(0, -1), 64, /^only \d+ of \d+ bytes came; nothing was changed$/],
    [good.subarray(0, 60), 64, 'it ends within its head, of 4096 bytes at most; nothing was changed'],
    [
      Buffer.concat([good, Buffer.from('x')]),
      64,
      'more follows than its second line says; nothing was changed',
    ],
    [Buffer.alloc(0), 64, 'standard input is empty; nothing was changed'],
    [
      Buffer.from('http://example.org/agent.tar,d41d8cd98f00b204e9800998ecf8427e'),
      64,
      'it does not begin with "negotiator-update 1"; nothing was changed',
    ],
    [
      Buffer.from(`negotiator-update 1\n${'x'.repeat(5000)}`),
      64,
      'its head has more than 4096 bytes; nothing was changed',
    ],
    [
      Buffer.from('negotiator-update 1\n{"side":"guest"}\nx\n'),
      64,
      'its second line lacks side, version, arch, sizeBytes or sha256; nothing was changed',
    ],
    [
      Buffer.from('negotiator-update 1\nnonsense\nx\n'),
      64,
      'its second line is no JSON object; nothing was changed',
    ],
    [
      packageOf(programOf('0.0.9'), { key, version: '0.0.9' }),
      77,
      /^it is 0\.0\.9, and \S+ runs here; "allow-downgrade" of the guest's \/etc\/negotiator\/update.toml allows what is not newer$/,
    ],
    [packageOf(programOf('9.0.0'), { key, side: 'host' }), 77, 'it is for a "host", and this is a guest'],
    [packageOf(programOf('9.0.0'), { key, arch: 'vax' }), 77, /^it is for "vax", and this machine is /],
    [
      packageOf(programOf('8.0.0'), { key }),
      1,
      'its program does not run here, or is not 9.0.0; nothing was changed',
    ],
    [
      packageOf('not a program', { key }),
      1,
      'its program does not run here, or is not 9.0.0; nothing was changed',
    ],
  ]
  for (const [input, exitCode, reason] of cases) {
    const called = await update(machine, input)
    t.equal(called.exitCode, exitCode)
    t.match(called.stderr.replace('Cannot take the update: ', '').trimEnd(), reason)
    t.same(readdirSync(dirname(program)), ['negotiator-guest'])
    t.equal(readFileSync(program, 'utf8'), programOf('0.1.0'))
  }
  t.same(planned, [])
})

test('self-update goes back where the administrator lets it', async (t) => {
  const { machine, key } = updateMachine(t, { settings: 'allow-downgrade = true' })
  t.match(await update(machine, packageOf(programOf('0.0.9'), { key, version: '0.0.9' })), { exitCode: 0 })
})

test('self-update leaves the old program in place when nobody can restart the daemon', async (t) => {
  const { machine, key, program } = updateMachine(t, { later: { exitCode: 1, stderr: 'no' } })
  t.same(await update(machine, packageOf(programOf('9.0.0'), { key })), {
    exitCode: 1,
    stdout: '',
    stderr: 'Cannot have the daemon restarted: sh ended with status 1 and said "no"\n',
  })
  t.equal(readFileSync(program, 'utf8'), programOf('0.1.0'))
  t.match(await callCommand(command, { machine, args: ['--last'] }), { stdout: 'none\n' })
})

test('self-update waits for none but one at a time, and not for ever', async (t) => {
  const { machine, key } = updateMachine(t)
  const report = join(machine.root, 'var/lib/negotiator/last-update.json')
  await update(machine, packageOf(programOf('9.0.0'), { key }))
  const now = machine.now().getTime() / 1000
  utimesSync(report, now, now)
  t.same(await update(machine, packageOf(programOf('9.0.1'), { key, version: '9.0.1' })), {
    exitCode: 1,
    stdout: '',
    stderr: 'Cannot take the update: another one is under way; "self-update --last" tells how it goes\n',
  })
  utimesSync(report, now - 601, now - 601)
  t.match(await update(machine, packageOf(programOf('9.0.1'), { key, version: '9.0.1' })), { exitCode: 0 })
})

test('self-update believes no key and no setting that others could have written, and none that is wrong', async (t) => {
  const folder = 'etc/negotiator/update-keys'
  const noKey =
    'Cannot take an update: no key is trusted here; an administrator puts the ed25519 public key of whoever makes them into /etc/negotiator/update-keys/NAME.pem'
  const settings = 'Cannot use /etc/negotiator/update.toml:'
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString()
  const write = (root: string, name: string, text: string): void =>
    writeFileSync(join(root, 'etc/negotiator', name), text)
  const cases: [spoil: (root: string) => void, sentence: string][] = [
    [(root) => rmSync(join(root, folder), { recursive: true }), noKey],
    [(root) => rmSync(join(root, folder, 'vendor.pem')), noKey],
    [
      (root) => chmodSync(join(root, folder, 'vendor.pem'), 0o664),
      'Cannot trust "/etc/negotiator/update-keys/vendor.pem"',
    ],
    [(root) => chmodSync(join(root, folder), 0o777), 'Cannot trust "/etc/negotiator/update-keys/vendor.pem"'],
    [
      (root) => write(root, 'update-keys/vendor.pem', rsa),
      'Cannot use the key "/etc/negotiator/update-keys/vendor.pem": it is no ed25519 public key in PEM',
    ],
    [
      (root) => write(root, 'update-keys/vendor.pem', 'x'),
      'Cannot use the key "/etc/negotiator/update-keys/vendor.pem": it is no ed25519 public key in PEM',
    ],
    [
      (root) => write(root, 'update.toml', 'url = "http://x"'),
      `${settings} there is no setting "url"; the settings are program, restart, allow-downgrade`,
    ],
    [
      (root) => write(root, 'update.toml', 'restart = "x"'),
      `${settings} "restart" must be a list such as ["systemctl", "restart", "negotiator-guest"]`,
    ],
    [(root) => write(root, 'update.toml', 'program = "x"'), `${settings} "program" must be an absolute path`],
    [
      (root) => write(root, 'update.toml', 'allow-downgrade = 1'),
      `${settings} "allow-downgrade" must be true or false`,
    ],
    [(root) => write(root, 'update.toml', '['), `${settings} Invalid TOML`],
    [
      (root) => write(root, 'update.toml', 'program = "/usr/local/bin/none"'),
      'Cannot take the update: there is no "/usr/local/bin/none"; "program" of /etc/negotiator/update.toml says where it is',
    ],
  ]
  for (const [spoil, sentence] of cases) {
    const { machine, key, program } = updateMachine(t)
    spoil(machine.root)
    const { exitCode, stderr } = await update(machine, packageOf(programOf('9.0.0'), { key }))
    t.equal(exitCode, 69, sentence)
    t.ok(stderr.startsWith(sentence), stderr)
    t.notOk(existsSync(`${program}.previous`))
  }
})
