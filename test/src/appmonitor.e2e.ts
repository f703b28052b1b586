/**
 * An appmonitor host program calls a guest of a real virtual machine through the port that it always had: what it asks for is
 * run where policy allows it, and the audit log tells.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { OldAppmonitorHost } from './classic/old-appmonitor-host.js'
import type { ImageFile } from './machine/image-contents.js'
import { buildNegotiatorImage } from './machine/negotiator-image.js'
import { ensurePrerequisites } from './machine/prerequisites.js'
import { guestCommand } from './machine/story.js'
import { tellOnFailure } from './machine/tell-on-failure.js'
import { startVm } from './machine/vm.js'

const channel = 'com.eayun.eayunstack.0'

const files: readonly ImageFile[] = [
  {
    to: '/etc/negotiator/guest.toml',
    content: `[[dialects]]\ndialect = "appmonitor"\nchannel = "${channel}"\n`,
  },
  {
    to: '/etc/negotiator/policy.d/10-appmonitor.policy',
    content: 'appmonitor-shell * @host @self allow timeout=30s\nforbidden.sh * @host @self deny\n',
    mode: 0o600,
  },
  guestCommand({ name: 'appmonitor-shell', text: '#!/bin/sh\nexec /bin/sh 2>&1\n' }),
  guestCommand({ name: 'h.sh', text: '#!/bin/sh\necho "from sh $*"\n' }),
  guestCommand({ name: 'forbidden.sh', text: '#!/bin/sh\ntouch /tmp/forbidden\n' }),
  guestCommand({ name: 'mysql_uptime', text: '#!/bin/sh\nexec cat\n' }),
]

test('an appmonitor host calls a guest of ours', { timeout: 900_000 }, async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'ng-'))
  t.teardown(async () => await rm(dir, { recursive: true, force: true }))
  const image = await buildNegotiatorImage({
    prerequisites: await ensurePrerequisites({ install: true, log: (line) => t.comment(line) }),
    files,
  })
  const names = ['negotiator-host-to-guest.0', 'negotiator-guest-to-host.0', channel]
  const vm = await startVm({ image, name: 'web1', dir, ports: names.map((name) => ({ name })) })
  t.teardown(async () => await vm.close())
  tellOnFailure(t, () => vm.log.text)
  const first = await OldAppmonitorHost.connect(vm.socketPath(channel))
  t.teardown(async () => await first.leave())

  await t.test('who asks while the guest boots is answered once its daemon runs', async (t) => {
    t.equal(await first.ask('{"operation":"echo","cmd":"dir"}\n\r'), '"dir"')
    await first.leave()
  })

  const host = await OldAppmonitorHost.connect(vm.socketPath(channel))
  t.teardown(async () => await host.leave())
  const ask = async (request: object): Promise<string> => await host.ask(`${JSON.stringify(request)}\n\r`)

  await t.test('its operations are answered to whoever comes next', async (t) => {
    t.equal(await ask({ operation: 'echo', cmd: 'dir' }), '"dir"')
    t.equal(
      await ask({ operation: 'execute_command', cmd: 'echo "a $((6*7))"; ls /nosuch 2>/dev/null; true' }),
      '"a 42"',
    )
    t.equal(
      await ask({ operation: 'execute_script', path: '/root/h.sh; id -un', type: 'sh' }),
      '"0e0r0r0o0r1"',
    )
    t.equal(await ask({ operation: 'execute_script', path: '/root/h.sh x', type: 'sh' }), '"from sh x"')
    const osInfo: unknown = JSON.parse(await ask({ operation: 'get_infomation', name: 'os_info' }))
    t.match(osInfo, { type: 'linux', arch: 'x86_64', kernel: /^\d+\.\d+/ })
    const attr = { username: 'u', password: 'hunter2' }
    t.equal(
      JSON.parse(await ask({ operation: 'get_infomation', name: 'mysql_uptime', attr })),
      JSON.stringify(attr),
    )
  })

  await t.test('what is denied, unknown or broken is answered, too', async (t) => {
    t.equal(await ask({ operation: 'execute_script', path: 'forbidden.sh', type: 'sh' }), '"0e0r0r0o0r1"')
    t.equal((await vm.console.run('ls /tmp/forbidden')).status, 1)
    t.equal(await ask({ operation: 'execute_command', cmd: 'false' }), '"0e0r0r0o0r1"')
    t.equal(await ask({ operation: 'get_infomation', name: 'nosuch' }), '"0e0r0r0o0r2"')
    t.equal(await ask({ operation: 'nosuch', a: '' }), '"0e0r0r0o0r0"')
    await t.rejects(host.ask('{"operation":"eho","cmd":"dir"aa}\n\r'), { message: 'Unknow Error' })
  })

  await t.test('the audit log tells of each call, and no secret', async (t) => {
    const { stdout } = await vm.console.run('cat /var/log/negotiator/guest-audit.log')
    t.notMatch(stdout, 'hunter2')
    const lines = stdout.trim().split('\n')
    const told = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    const ways = told.map(({ caller, via, direction }) => [caller, via, direction].join(' '))
    t.same(new Set(ways), new Set(['host appmonitor in']))
    t.strictSame(
      told.map(({ command, result, rule }) => [command, result, rule]),
      [
        ['appmonitor-shell', 'exited', '10-appmonitor.policy:1'],
        ['h.sh;', 'unknown-command', told[1]?.['rule']],
        ['h.sh', 'exited', told[1]?.['rule']],
        ['os-info', 'exited', told[1]?.['rule']],
        ['mysql_uptime', 'exited', told[1]?.['rule']],
        ['forbidden.sh', 'denied', '10-appmonitor.policy:2'],
        ['appmonitor-shell', 'exited', '10-appmonitor.policy:1'],
      ],
    )
  })
})
