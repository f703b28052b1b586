import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { test } from 'tap'
import { importKoffi } from '../native/koffi.js'
import { testFolder, writeCommand } from '../test-folder.js'
import { startByFork } from './fork.js'
import { openStartProcess } from './open-start-process.js'
import { openPosixSpawn } from './posix-spawn.js'
import type { ProcessStart, StartedProcess, StartProcess } from './started-process.js'
import { bytesOf } from './test-processes.js'

const ways: readonly (readonly [name: string, startProcess: StartProcess])[] = [
  ['startByFork()', startByFork],
  ['openPosixSpawn()', openPosixSpawn(await importKoffi())],
]

const usual = { environment: { PATH: '/usr/bin:/bin' }, folder: '/', hasStdin: false }

function shell(script: string, ...args: string[]): ProcessStart {
  return { ...usual, words: ['/bin/sh', '-c', script, 'sh', ...args] }
}

async function started(way: StartProcess, start: ProcessStart): Promise<StartedProcess> {
  const process = await way(start)
  if ('kind' in process) throw new Error(`did not start: ${JSON.stringify(process)}`)
  return process
}

async function outputOf({ stdout, stderr, ended }: StartedProcess): Promise<string> {
  const [bytes] = await Promise.all([bytesOf(stdout), bytesOf(stderr), ended])
  return bytes.toString()
}

for (const [name, way] of ways) {
  test(`${name} gives outputs, and how it ended`, async (t) => {
    const process = await started(way, shell('echo "$1"; echo err >&2; exit 7', 'a "b" ☕'))
    const [stdout, stderr] = await Promise.all([bytesOf(process.stdout), bytesOf(process.stderr)])
    t.same([stdout.toString(), stderr.toString()], ['a "b" ☕\n', 'err\n'])
    t.same(await process.ended, { kind: 'exited', code: 7 })
    const killed = await started(way, shell('kill -KILL $$'))
    await outputOf(killed)
    t.same(await killed.ended, { kind: 'signalled', signal: 'SIGKILL' })
  })

  test(`${name} gives it standard input, or an empty one`, async (t) => {
    const process = await started(way, { ...shell('cat; echo .'), hasStdin: true })
    process.stdin?.write('some ')
    process.stdin?.end('bytes')
    t.equal(await outputOf(process), 'some bytes.\n')
    const without = await started(way, shell('cat; echo .'))
    t.equal(without.stdin, undefined)
    t.equal(await outputOf(without), '.\n')
  })

  test(`${name} makes it the leader of a session, in its folder, with its environment and a fresh process's signals`, async (t) => {
    const script = `
      [ "$(cut -d' ' -f5,6 /proc/$$/stat)" = "$$ $$" ] && echo leads; pwd; env | grep -v '^PWD=\\|^_='
      exec grep -E '^Sig(Blk|Ign)' /proc/self/status`
    const process = await started(way, { ...shell(script), folder: '/usr' })
    const printed = await outputOf(process)
    t.match(printed, /^leads\n\/usr\nPATH=\/usr\/bin:\/bin\nSigBlk:\t0{16}\nSigIgn:\t[0-9a-f]{16}\n$/)
    const ignored = BigInt(`0x${/SigIgn:\t(\w+)/.exec(printed)?.[1] ?? 'f'}`)
    // Two that programs cannot use are the C library's own.
    t.equal(ignored & 0x7fffffffn, 0n)
  })

  test(`${name} leaves no descriptor behind`, async (t) => {
    const count = (): number => readdirSync('/proc/self/fd').length
    await outputOf(await started(way, shell(':')))
    const before = count()
    for (let round = 0; round < 20; round += 1) {
      await outputOf(await started(way, { ...shell('exit 1'), hasStdin: round % 2 === 0 }))
      await way({ ...usual, words: ['/does/not/exist'] })
    }
    // Of one that did not start Node closes the pipes in a later turn.
    while (count() > before) await setImmediate()
    t.equal(count(), before)
  })

  test(`${name} says why it did not start`, async (t) => {
    const path = writeCommand({ folder: testFolder(t), name: 'plain', script: ':', mode: 0o644 })
    const reasonOf = async (start: Partial<ProcessStart>): Promise<unknown> => {
      const process = await way({ ...usual, words: ['/bin/true'], ...start })
      return 'kind' in process && process.kind === 'failed-to-start' ? process.reason : process
    }
    t.match(await reasonOf({ words: ['/does/not/exist'] }), /does not exist/)
    t.match(await reasonOf({ words: [path] }), /not executable/)
    t.match(await reasonOf({ words: ['/bin/true', 'x'.repeat(200_000)] }), /too long/)
    t.match(await reasonOf({ environment: { NAME: 'a\0b' } }), /refused to start it/)
  })
}

test('openPosixSpawn() passes no descriptor on but the three, not even one that the daemon was started with', (t) => {
  const daemon = `
    import { importKoffi } from '${import.meta.resolve('../native/koffi.js')}'
    import { openPosixSpawn } from '${import.meta.resolve('./posix-spawn.js')}'
    const start = { words: ['/bin/ls', '/proc/self/fd'], environment: {}, folder: '/', hasStdin: false }
    const { stdout } = await openPosixSpawn(await importKoffi())(start)
    stdout.pipe(process.stdout)`
  const stdio = ['ignore', 'pipe', 'inherit', 'pipe', 'pipe'] as const
  const args = ['--input-type=module', '--eval', daemon]
  const { stdout } = spawnSync(process.execPath, args, { stdio: [...stdio], encoding: 'utf8' })
  t.equal(stdout, '0\n1\n2\n3\n', 'the last one is of ls')
  t.end()
})

test('openPosixSpawn() tells a signal without a name as a shell would', async (t) => {
  const [, [, way] = ['', startByFork]] = ways
  const process = await started(way, shell('kill -40 $$'))
  await outputOf(process)
  t.same(await process.ended, { kind: 'exited', code: 168 })
})

test('openStartProcess() forks where koffi is missing', async (t) => {
  const way = await openStartProcess(async () => await Promise.reject(new Error('no koffi')))
  t.equal(way, startByFork)
  t.not(await openStartProcess(), startByFork)
})
