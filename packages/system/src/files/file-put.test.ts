import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { test } from 'tap'
import type { Machine } from '../machine.js'
import { callCommand } from '../test-machine.js'
import { command, putFile } from './file-put.js'
import { listed, machineWithFiles } from './test-files.js'

const isRoot = getuid?.() === 0
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

async function put(machine: Machine, args: readonly string[], stdin = 'new') {
  return await callCommand(command, { machine, args, stdin })
}

/** The file's text and mode, and whatever else lies beside it. */
function look(machine: Machine, name: string): { text: string; mode: string; beside: readonly string[] } {
  const path = join(machine.root, 'srv', name)
  const beside = readdirSync(join(machine.root, 'srv')).filter((one) => one !== name)
  return { text: readFileSync(path, 'utf8'), mode: (statSync(path).mode & 0o7777).toString(8), beside }
}

test("file-put makes a file that is its owner's alone, and leaves nothing beside it", async (t) => {
  const machine = machineWithFiles(t)
  const called = await put(machine, ['/srv/a,b größe', '--json', '--sha256', sha256('new').toUpperCase()])
  t.same([called.exitCode, called.stderr], [0, ''])
  t.match(JSON.parse(called.stdout), {
    path: '/srv/a,b größe',
    sizeBytes: 3,
    sha256: sha256('new'),
    mode: '0600',
    isReplaced: false,
    isChanged: true,
    isDryRun: false,
    backup: null,
  })
  t.same(look(machine, 'a,b größe'), { text: 'new', mode: '600', beside: [] })
})

test('file-put keeps mode and owner of the file that it replaces, and the file when it is told to', async (t) => {
  const machine = machineWithFiles(t)
  const path = join(machine.root, 'srv/app.conf')
  writeFileSync(path, 'old')
  chmodSync(path, 0o640)
  if (isRoot) chownSync(path, 1000, 50)
  const { stdout } = await put(machine, ['/srv/app.conf', '--backup', '--json'])
  t.same(look(machine, 'app.conf'), { text: 'new', mode: '640', beside: ['app.conf.20260701T120000Z.bak'] })
  t.match(JSON.parse(stdout), { isReplaced: true, backup: '/srv/app.conf.20260701T120000Z.bak' })
  t.equal(readFileSync(`${path}.20260701T120000Z.bak`, 'utf8'), 'old')
  if (isRoot) t.match(statSync(path), { uid: 1000, gid: 50 })
  await put(machine, ['/srv/app.conf', '--backup'], 'newer')
  t.same(look(machine, 'app.conf').beside.toSorted(), [
    'app.conf.20260701T120000Z-1.bak',
    'app.conf.20260701T120000Z.bak',
  ])
})

test('file-put gives mode and owner', { skip: !isRoot && 'only root gives files away' }, async (t) => {
  const machine = machineWithFiles(t)
  t.match(await put(machine, ['/srv/x', '--mode', '0640', '--owner', '1000:staff']), { exitCode: 0 })
  t.match(statSync(join(machine.root, 'srv/x')), { uid: 1000, gid: 50, mode: 0o100640 })
})

test('file-put makes folders when it is told to', async (t) => {
  const machine = machineWithFiles(t)
  const refused = await put(machine, ['/srv/a/b/x'])
  t.same([refused.exitCode, refused.stderr], [69, 'Cannot open the folder "/srv/a": it does not exist\n'])
  t.match(await put(machine, ['/srv/a/b/x', '--parents', '--dry-run']), {
    exitCode: 0,
    stdout: /^would write 3 bytes to \/srv\/a\/b\/x/,
  })
  t.notOk(existsSync(join(machine.root, 'srv/a')))
  t.match(await put(machine, ['/srv/a/b/x', '--parents']), { exitCode: 0 })
  t.equal(statSync(join(machine.root, 'srv/a/b')).mode & 0o777, 0o755)
})

test('file-put changes nothing when the content is not what it should be, or not all of it came', async (t) => {
  const machine = machineWithFiles(t)
  writeFileSync(join(machine.root, 'srv/x'), 'old')
  const wrongHash = await put(machine, ['/srv/x', '--sha256', sha256('other'), '--backup'])
  t.same(
    [wrongHash.exitCode, wrongHash.stderr],
    [
      64,
      `Cannot write the file: its SHA-256 is ${sha256('new')}, wanted ${sha256('other')}; nothing was changed\n`,
    ],
  )
  const tooMuch = await put(machine, ['/srv/x'], 'x'.repeat(1001))
  t.same(
    [tooMuch.exitCode, tooMuch.stderr],
    [
      77,
      'Cannot write the file: it has more than 1000 bytes, the most that "max-size" of the guest\'s files.toml allows; nothing was changed\n',
    ],
  )
  const cut = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from('half')
    throw await Promise.resolve(new Error('the call was ended'))
  }
  const wanted = { path: '/srv/x', content: cut(), isBackedUp: true, isMakingFolders: false, isDryRun: false }
  await t.rejects(putFile(machine, wanted), { message: 'the call was ended' })
  t.match(look(machine, 'x'), { text: 'old', beside: [] })
})

test('file-put --dry-run checks all and changes nothing', async (t) => {
  const machine = machineWithFiles(t)
  writeFileSync(join(machine.root, 'srv/x'), 'old')
  const { stdout } = await put(machine, ['/srv/x', '--dry-run', '--json', '--backup'])
  t.match(JSON.parse(stdout), {
    sizeBytes: 3,
    isReplaced: true,
    isChanged: false,
    isDryRun: true,
    backup: null,
  })
  t.match(look(machine, 'x'), { text: 'old', beside: [] })
  t.match(await put(machine, ['/srv/x', '--dry-run', '--sha256', sha256('other')]), { exitCode: 64 })
})

const notListed = (path: string): string =>
  `Cannot write "${path}": the guest's administrator has not listed it; it belongs into "write" of /etc/negotiator/files.toml there\n`

test('file-put writes nothing but what the administrator has listed', async (t) => {
  const machine = machineWithFiles(t)
  for (const path of ['/etc/shadow', '/srv', '/etc/negotiator/files.toml', '/srvx'])
    t.same(await put(machine, [path]), { exitCode: 77, stdout: '', stderr: notListed(path) })
  rmSync(join(machine.root, 'etc/negotiator'), { recursive: true })
  t.same(await put(machine, ['/srv/x']), { exitCode: 77, stdout: '', stderr: notListed('/srv/x') })
})

test('file-put follows links of root, and asks for the place where they lead', async (t) => {
  const machine = machineWithFiles(t, `${listed.replace('["/srv/**"]', '["/srv/**", "/var/data/**"]')}`)
  mkdirSync(join(machine.root, 'var/data'), { recursive: true })
  symlinkSync('../var/data', join(machine.root, 'srv/inside'))
  symlinkSync('/etc', join(machine.root, 'srv/outside'))
  t.match(await put(machine, ['/srv/inside/x']), { exitCode: 0, stdout: /^wrote 3 bytes to \/var\/data\/x,/ })
  t.same(await put(machine, ['/srv/outside/x']), { exitCode: 77, stdout: '', stderr: notListed('/etc/x') })
})

test('file-put follows no link that others could have put there, and replaces none', async (t) => {
  const machine = machineWithFiles(t)
  const shared = join(machine.root, 'srv/shared')
  mkdirSync(shared)
  chmodSync(shared, 0o1777)
  mkdirSync(join(machine.root, 'srv/secret'))
  symlinkSync('/srv/secret', join(shared, 'way'))
  symlinkSync('/srv/secret/x', join(shared, 'x'))
  t.same(await put(machine, ['/srv/shared/way/x']), {
    exitCode: 77,
    stdout: '',
    stderr:
      'Cannot follow the link "/srv/shared/way": others than root could have put it there; name the place that it leads to\n',
  })
  t.same(await put(machine, ['/srv/shared/x']), {
    exitCode: 77,
    stdout: '',
    stderr: 'Cannot replace "/srv/shared/x": it is a link; name the file that it leads to\n',
  })
  t.same(readdirSync(join(machine.root, 'srv/secret')), [])
})

test('file-put ends where links lead in a circle', async (t) => {
  const machine = machineWithFiles(t)
  symlinkSync('/srv/loop', join(machine.root, 'srv/loop'))
  const { exitCode, stderr } = await put(machine, ['/srv/loop/x'])
  t.same([exitCode, stderr], [1, 'Cannot open the folder "/srv/loop": more than 16 links lead there\n'])
})

test('file-put believes no list that others could have written', async (t) => {
  const bad: ((machine: Machine) => void)[] = [
    (machine) => chmodSync(join(machine.root, 'etc/negotiator/files.toml'), 0o666),
    (machine) => chmodSync(join(machine.root, 'etc/negotiator'), 0o777),
  ]
  for (const spoil of bad) {
    const machine = machineWithFiles(t)
    spoil(machine)
    const { exitCode, stderr } = await put(machine, ['/srv/x'])
    t.equal(exitCode, 69)
    t.match(
      stderr,
      /^Cannot trust "\/etc\/negotiator\/files.toml": others than its owner may write to it or its folder/,
    )
  }
})

test('file-put refuses wrong words', async (t) => {
  const machine = machineWithFiles(t)
  const mode = 'wanted octal digits such as 0640, not writable for everybody and without set-user-id'
  const cases: [args: string[], exitCode: number, sentence: string][] = [
    [['/srv/x', '--mode', '4755'], 64, `Cannot use --mode "4755": ${mode}`],
    [['/srv/x', '--mode', '666'], 64, `Cannot use --mode "666": ${mode}`],
    [['/srv/x', '--mode', 'u+x'], 64, `Cannot use --mode "u+x": ${mode}`],
    [['/srv/x', '--owner', 'a:b:c'], 64, 'Cannot use --owner "a:b:c": wanted USER or USER:GROUP'],
    [
      ['/srv/x', '--owner', 'carol'],
      69,
      'Cannot find the user "carol": /etc/passwd of this guest has no such line',
    ],
    [['/srv/x', '--sha256', 'abc'], 64, 'Cannot use --sha256: wanted 64 hexadecimal digits'],
  ]
  for (const [args, exitCode, sentence] of cases)
    t.same(await put(machine, args), { exitCode, stdout: '', stderr: `${sentence}\n` })
  t.same(readdirSync(join(machine.root, 'srv')), [])
})
