/**
 * Both daemons under a real supervisord, with the configuration that is shipped, from packages installed by npm without
 * a network. The two sides are joined by UNIX sockets here; debian-guest.e2e.ts has a real guest.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { access, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { execa } from 'execa'
import { test } from 'tap'
import { packAll } from './machine/packed.js'
import { Supervisord } from './machine/supervisord.js'
import { family, printArguments } from './scripts.js'
import { tellOnFailure } from './machine/tell-on-failure.js'

const sides = ['host', 'guest'] as const
type Side = (typeof sides)[number]

test('both daemons under supervisord', { timeout: 300_000 }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ng-'))
  t.teardown(async () => await rm(folder, { recursive: true, force: true }))
  const root = (side: Side): string => join(folder, side)
  const packed = await packAll(t)

  const prefix = join(folder, 'prefix')
  const program = async (side: Side, ...args: readonly string[]) =>
    await execa(join(prefix, 'bin', `negotiator-${side}`), ['--root', root(side), ...args], { reject: false })

  await t.test('npm installs each package with an empty cache and no network', async (t) => {
    for (const side of sides) {
      const options = ['--prefix', prefix, '--offline', '--cache', join(folder, 'empty'), '--ignore-scripts']
      await execa('npm', ['install', '--global', ...options, packed[side].npmPackage])
      t.match((await program(side, '--version')).stdout, /^\d+\.\d+\.\d+$/)
      const installed = join(prefix, `lib/node_modules/@negotiator/${side}`)
      for (const file of [
        'LICENSE',
        'THIRD-PARTY-LICENCES.txt',
        'README.md',
        'docs/install.md',
        'packaging/systemd',
      ])
        t.ok(existsSync(join(installed, file)), file)
      t.notOk(existsSync(join(installed, 'node_modules')), 'it needs no other package')
    }
  })

  await t.test('a program that uses the library is checked by its types', async (t) => {
    const mistakes = await compile(join(folder, 'program'), {
      installed: join(prefix, 'lib/node_modules/@negotiator'),
      text: `import { connect } from '@negotiator/host'
        import { connect as connectGuest } from '@negotiator/guest'
        export const fine: number = await (await connect()).ping('web1')
        export const wrong: string = await (await connectGuest()).ping('host')`,
    })
    t.match(
      mistakes,
      /^program\.ts\(4,22\): error TS2322: Type 'number' is not assignable to type 'string'\.$/,
    )
  })

  await t.test('the one file takes the place of the package, under any name', async (t) => {
    await rm(join(prefix, 'bin/negotiator-guest'))
    await execa('install', ['-m', '755', packed.guest.singleFile, join(prefix, 'bin/negotiator-guest')])
    t.match((await program('guest', '--version')).stdout, /^\d+\.\d+\.\d+$/)
  })

  const channels = join(folder, 'channels')
  await writeFiles(root('host'), { 'etc/negotiator/host.toml': `drivers = ["folder:${channels}"]\n` })
  await writeFiles(root('guest'), { 'etc/negotiator/guest.toml': `channel-folder = "${channels}/web1"\n` })
  await mkdir(join(channels, 'web1'), { recursive: true })
  for (const script of [family, printArguments]) {
    const path = `usr/lib/negotiator/commands/${script.name}`
    await writeFiles(root('host'), { [path]: script.text })
  }

  const supervisord = await Supervisord.start({ folder, programs: [join(prefix, 'bin')] })
  t.teardown(async () => await supervisord.end())
  const logs = Object.fromEntries(sides.map((side) => [side, join(folder, `negotiator-${side}.log`)]))
  tellOnFailure(t, () => supervisord.log.text)
  const ready = async (): Promise<void> => {
    // It waits for the other side, but not for its own daemon.
    const deadlineMs = Date.now() + 60_000
    while ((await program('guest', 'wait', '--timeout', '60')).exitCode === 125 && Date.now() < deadlineMs)
      await setTimeout(100)
    t.equal(
      (await program('host', 'wait', 'web1', '--timeout', '60')).exitCode,
      0,
      'the two sides are joined',
    )
  }

  await t.test('`supervisorctl update` starts what is new', async (t) => {
    for (const side of sides) {
      const shipped = await readFile(join(packed.packaging, 'supervisor', `negotiator-${side}.conf`), 'utf8')
      await supervisord.addFile(
        `negotiator-${side}.conf`,
        belowRoot(shipped, { side, root: root(side), folder }),
      )
    }
    const said = await supervisord.ctl('update')
    t.match(said, /negotiator-host: added process group/)
    t.match(said, /negotiator-guest: added process group/)
    await ready()
    t.equal((await program('host', 'run', 'web1', 'hello')).exitCode, 0)
    t.match((await program('guest', 'run', 'print-arguments', 'two words')).stdout, '[two words]')
  })

  await t.test('each line of the log is a fact with its time', async (t) => {
    for (const side of sides) {
      const lines = (await readFile(logs[side] ?? '', 'utf8')).trimEnd().split('\n')
      for (const line of lines)
        t.match(JSON.parse(line), { time: /^\d{4}-\d\d-\d\dT/, level: /^\w+$/, message: /./ })
      t.ok(lines.some((line) => line.includes('"message":"Started"')))
      t.match(await supervisord.ctl('tail', `negotiator-${side}`), /"message":"/)
    }
  })

  await t.test('a daemon that is killed is started again', async (t) => {
    for (const side of sides) {
      const before = await supervisord.ctl('pid', `negotiator-${side}`)
      const from = supervisord.log.end
      if (!(Number(before) > 1)) throw new Error(`It has no process id, but ${JSON.stringify(before)}`)
      process.kill(Number(before), 'SIGKILL')
      await supervisord.waitFor(new RegExp(`success: negotiator-${side} entered RUNNING`), from)
      await ready()
      t.not(await supervisord.ctl('pid', `negotiator-${side}`), before)
      t.match((await program('guest', 'run', 'print-arguments', side)).stdout, `[${side}]`)
    }
  })

  await t.test('a stop ends the commands, tells their callers and leaves no socket', async (t) => {
    const notes = join(folder, 'family')
    const call = spawn(join(prefix, 'bin/negotiator-guest'), [
      '--root',
      root('guest'),
      'run',
      'family',
      notes,
    ])
    const ended = once(call, 'exit')
    await once(call.stdout, 'data')
    const members = (await readFile(notes, 'utf8')).trim().split('\n').map(Number)
    t.equal(members.length, 3)
    t.ok(members.every(isAlive), 'the command and what it has started run')
    t.match(await supervisord.ctl('stop', 'negotiator-host'), /negotiator-host: stopped/)
    await allEnded(members)
    t.strictSame(await ended, [125, null])
    await t.rejects(access(join(root('host'), 'run/negotiator/host.sock')), { code: 'ENOENT' })
    await supervisord.ctl('start', 'negotiator-host')
    await ready()
  })

  await t.test('`supervisorctl update` restarts what has changed, and only that', async (t) => {
    const [host, guest] = [
      await supervisord.ctl('pid', 'negotiator-host'),
      await supervisord.ctl('pid', 'negotiator-guest'),
    ]
    const shipped = await readFile(join(packed.packaging, 'supervisor/negotiator-host.conf'), 'utf8')
    const changed = belowRoot(shipped, { side: 'host', root: root('host'), folder })
    await supervisord.addFile('negotiator-host.conf', changed.replace('startsecs=1', 'startsecs=2'))
    t.match(
      await supervisord.ctl('update'),
      /negotiator-host: stopped\nnegotiator-host: updated process group/,
    )
    await ready()
    t.not(await supervisord.ctl('pid', 'negotiator-host'), host)
    t.equal(await supervisord.ctl('pid', 'negotiator-guest'), guest)
  })

  await t.test('no daemon outlives a supervisord that is killed', async (t) => {
    const daemons = await Promise.all(
      sides.map(async (side) => Number(await supervisord.ctl('pid', `negotiator-${side}`))),
    )
    t.ok(daemons.every(isAlive))
    await supervisord.end('SIGKILL')
    await allEnded(daemons)
    for (const side of sides)
      await t.rejects(access(join(root(side), `run/negotiator/${side}.sock`)), { code: 'ENOENT' })
  })
})

/** The shipped configuration with the paths of this test, and not another word changed. */
function belowRoot(
  shipped: string,
  { side, root, folder }: { side: Side; root: string; folder: string },
): string {
  const replaced = [
    [` TERM -- negotiator-${side} daemon\n`, ` TERM -- negotiator-${side} --root ${root} daemon\n`],
    ['=/var/log/supervisor/', `=${folder}/`],
  ] as const
  return replaced.reduce((text, [from, to]) => {
    if (text.split(from).length !== 2) throw new Error(`The shipped configuration should hold "${from}" once`)
    return text.replace(from, to)
  }, shipped)
}

/** Compiles a program that has the packages installed. @returns what the compiler says */
async function compile(
  folder: string,
  { installed, text }: { installed: string; text: string },
): Promise<string> {
  const workspace = join(import.meta.dirname, '../../node_modules')
  await writeFiles(folder, { 'program.ts': text, 'package.json': '{"type":"module"}' })
  await mkdir(join(folder, 'node_modules/@types'), { recursive: true })
  await symlink(installed, join(folder, 'node_modules/@negotiator'))
  await symlink(join(workspace, '@types/node'), join(folder, 'node_modules/@types/node'))
  const options = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--types',
    'node',
  ]
  // The runner of the tests gives every Node a module of its own by this variable, and the compiler cannot load beside it.
  const tsc = ['-u', 'NODE_OPTIONS', join(workspace, '.bin/tsc')]
  const { stdout } = await execa('env', [...tsc, ...options, 'program.ts'], {
    cwd: folder,
    reject: false,
  })
  return stdout
}

async function writeFiles(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true, mode: 0o755 })
    await writeFile(join(root, path), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 })
  }
}

/** Whether a process runs; one that has ended and is only waiting to be counted does not. */
function isAlive(id: number): boolean {
  try {
    return !readFileSync(`/proc/${id}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

/** Waits until none of these runs: nobody is told when a process that is not his child ends. */
async function allEnded(ids: readonly number[]): Promise<void> {
  const deadlineMs = Date.now() + 30_000
  while (ids.some(isAlive)) {
    if (Date.now() > deadlineMs) throw new Error(`Still running: ${ids.filter(isAlive).join(' ')}`)
    await setTimeout(50)
  }
}
