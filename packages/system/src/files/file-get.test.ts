import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'tap'
import { callCommand } from '../test-machine.js'
import { command, getFile } from './file-get.js'
import { machineWithFiles } from './test-files.js'

test('file-get gives the bytes of a file, whatever they are', async (t) => {
  const machine = machineWithFiles(t, 'read = ["/srv/*"]')
  const content = randomBytes(200_001)
  writeFileSync(join(machine.root, 'srv/x'), content)
  const got: Uint8Array[] = []
  const answer = await getFile(machine, {
    path: '/srv/x',
    write: async (bytes) => void (await Promise.resolve(got.push(bytes))),
  })
  t.ok(Buffer.concat(got).equals(content))
  t.match(answer, { path: '/srv/x', sizeBytes: content.length })
})

test('file-get --facts tells about a file without its content', async (t) => {
  const machine = machineWithFiles(t)
  writeFileSync(join(machine.root, 'srv/x'), 'secret')
  chmodSync(join(machine.root, 'srv/x'), 0o640)
  const { stdout } = await callCommand(command, { machine, args: ['/srv/x', '--facts', '--json'] })
  t.match(JSON.parse(stdout), {
    path: '/srv/x',
    sizeBytes: 6,
    mode: '0640',
    sha256: /^2bb80d53/,
    modifiedAt: /^\d{4}-/,
  })
  t.notMatch(stdout, 'secret')
  t.match(await callCommand(command, { machine, args: ['/srv/x', '--facts'] }), {
    stdout: /^path \/srv\/x\nsizeBytes 6\n/,
  })
})

test('file-get refuses what is not listed, too large, no file, or a link', async (t) => {
  const machine = machineWithFiles(t)
  const at = (name: string): string => join(machine.root, 'srv', name)
  writeFileSync(at('large'), 'x'.repeat(1001))
  mkdirSync(at('folder'))
  symlinkSync('/etc/passwd', at('link'))
  execFileSync('mkfifo', [at('pipe')])
  const cases: [path: string, exitCode: number, sentence: string][] = [
    [
      '/etc/passwd',
      77,
      'Cannot read "/etc/passwd": the guest\'s administrator has not listed it; it belongs into "read" of /etc/negotiator/files.toml there',
    ],
    [
      '/nowhere/x',
      77,
      'Cannot read "/nowhere/x": the guest\'s administrator has not listed it; it belongs into "read" of /etc/negotiator/files.toml there',
    ],
    ['/srv/none', 69, 'Cannot read "/srv/none": it does not exist'],
    [
      '/srv/large',
      77,
      'Cannot read "/srv/large": it has 1001 bytes, more than "max-size" of the guest\'s files.toml, 1000, allows',
    ],
    ['/srv/folder', 77, 'Cannot read "/srv/folder": it is no regular file'],
    ['/srv/pipe', 77, 'Cannot read "/srv/pipe": it is no regular file'],
    ['/srv/link', 77, 'Cannot read "/srv/link": it is a link; name the file that it leads to'],
    [
      '/srv/../etc/passwd',
      64,
      'Cannot use the path "/srv/../etc/passwd": wanted an absolute one without "//", ".", ".." and control characters, such as /etc/app.conf',
    ],
  ]
  for (const [path, exitCode, sentence] of cases)
    t.same(await callCommand(command, { machine, args: [path] }), {
      exitCode,
      stdout: '',
      stderr: `${sentence}\n`,
    })
})
