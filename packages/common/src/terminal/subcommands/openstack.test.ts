import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'tap'
import type { Test } from 'tap'
import { TestXenGuest } from '../../dialects/openstack/test-xen-guest.js'
import { TestXenStoreServer } from '../../dialects/xenstore/test-xenstore-server.js'
import { testFolder } from '../../test-folder.js'
import { testProgram } from '../test-program.js'
import type { ProgramRun } from '../test-program.js'
import { openStackCommand } from './openstack.js'

interface Stage {
  readonly guest: TestXenGuest
  readonly run: (input: string, ...args: readonly string[]) => Promise<ProgramRun>
}

async function setStage(t: Test): Promise<Stage> {
  const socket = join(testFolder(t), 'socket')
  const server = await TestXenStoreServer.listen(socket)
  t.teardown(() => server.close())
  const known = 'version,features,injectfile,resetnetwork,agentupdate'
  const answer = ({ name }: { readonly name: string }): string =>
    JSON.stringify({
      message: name === 'features' ? known : '1.39.1',
      returncode: name === 'keyinit' ? '500' : '0',
    })
  const guest = await TestXenGuest.start({ socket, server, answer })
  const run = async (input: string, ...args: readonly string[]): Promise<ProgramRun> =>
    await testProgram(
      { subcommands: [openStackCommand], stdin: Readable.from([Buffer.from(input)]) },
      ...['openstack', '--xenstore', socket, ...args],
    )
  return { guest, run }
}

test('openstack makes each call', async (t) => {
  const { guest, run } = await setStage(t)
  t.same(await run('', 'web1', 'version'), { code: 0, stdout: '1.39.1\n', stderr: '' })
  t.equal(
    (await run('', '7', 'features')).stdout,
    'version\nfeatures\ninjectfile\nresetnetwork\nagentupdate\n',
  )
  t.same(await run('hello, world\n', 'web1', 'inject-file', '/tmp/a b.txt'), {
    code: 0,
    stdout: '',
    stderr: '',
  })
  t.match(guest.asked.at(-1), { name: 'injectfile', value: 'L3RtcC9hIGIudHh0LGhlbGxvLCB3b3JsZAo=' })
  t.match(await run('', 'web1', 'reset-network'), { code: 0 })
  t.match(await run('', 'web1', 'update', 'https://x/y', '0'.repeat(32)), { code: 0 })
  t.match(guest.asked.at(-1), { name: 'agentupdate', value: `https://x/y,${'0'.repeat(32)}` })
})

test('openstack tells what failed, with the word that scripts look for', async (t) => {
  const { guest, run } = await setStage(t)
  t.same(await run('s3cret\n', 'web1', 'set-password'), {
    code: 125,
    stdout: '',
    stderr: 'negotiator-host: FAILED: the agent has answered "keyinit" with 500: 1.39.1\n',
  })
  guest.isThere = false
  t.match(await run('', 'web1', 'version', '--timeout', '0.05'), {
    code: 124,
    stderr:
      /^negotiator-host: TIMEOUT: no agent of "web1" has answered within 0\.05 s; is nova-agent running there/,
  })
  t.match(await run('', 'web2', 'version'), {
    code: 125,
    stderr: /Cannot find the domain "web2" in XenStore/,
  })
})

test('openstack refuses what makes no call before it asks anybody', async (t) => {
  const { guest, run } = await setStage(t)
  const cases: readonly (readonly [args: readonly string[], sentence: string])[] = [
    [
      ['reboot'],
      'Cannot call "reboot": wanted one of version, features, set-password, inject-file, reset-network, update',
    ],
    [['version', 'x'], 'Cannot call "version" with 1 arguments: wanted no arguments'],
    [['inject-file'], 'Cannot call "inject-file" with 0 arguments: wanted PATH'],
    [['update', 'a', 'b', 'c'], 'Cannot call "update" with 3 arguments: wanted URL [MD5]'],
    [['set-password'], 'Cannot set the password: standard input is empty'],
  ]
  for (const [args, sentence] of cases)
    t.same(await run('', 'web1', ...args), {
      code: 125,
      stdout: '',
      stderr: `negotiator-host: ${sentence}\n`,
    })
  t.match(await run('x'.repeat(100_000), 'web1', 'inject-file', '/a'), {
    code: 125,
    stderr: /Cannot send "injectfile": as one node of XenStore it takes \d+ bytes, at most \d+ fit/,
  })
  t.same(
    guest.asked.map(({ name }) => name),
    ['features'],
  )
})

test('openstack says that there is no XenStore', async (t) => {
  const run = await testProgram(
    { subcommands: [openStackCommand] },
    'openstack',
    '--xenstore',
    '/nonexistent/x',
    '7',
    'version',
  )
  const stderr = 'negotiator-host: Cannot connect to the socket "/nonexistent/x": it does not exist\n'
  t.same(run, { code: 125, stdout: '', stderr })
})
