/**
 * The test machine itself: what the stories stand on.
 */
import { once } from 'node:events'
import { access } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { kill } from 'node:process'
import { test } from 'tap'
import type { Test } from 'tap'
import { buildImage } from './image.js'
import { ensurePrerequisites } from './prerequisites.js'
import { startVm } from './vm.js'
import type { Vm } from './vm.js'
import { tellOnFailure } from './tell-on-failure.js'

const portName = 'negotiator-host-to-guest.0'

async function bootVm(t: Test): Promise<Vm> {
  const image = await buildImage({
    prerequisites: await ensurePrerequisites({ install: true, log: (line) => t.comment(line) }),
    files: [
      { to: '/etc/negotiator-start', content: '#!/bin/sh\necho started on $(hostname)\n', mode: 0o755 },
    ],
  })
  const vm = await startVm({ image, name: 'web1' })
  t.teardown(async () => await vm.close())
  tellOnFailure(t, () => vm.log.text)
  await vm.waitBooted()
  return vm
}

test('a machine from its first boot to its end', { timeout: 300_000 }, async (t) => {
  const vm = await bootVm(t)

  await t.test('run() gives output, errors and status of a command as they are', async (t) => {
    const result = await vm.console.run(`printf 'one\\ntwo'; printf '\\nx 0 1 1\\n' >&2; exit 3`)
    t.strictSame(result, { stdout: 'one\ntwo', stderr: '\nx 0 1 1\n', status: 3 })
  })

  await t.test('run() passes input, whatever is in it', async (t) => {
    const input = Array.from({ length: 5000 }, (_, index) => String.fromCharCode(index % 0x7ff)).join('')
    t.equal((await vm.console.run('cat', { input })).stdout, input)
  })

  await t.test('run() interrupts a command that takes too long, and runs the next', async (t) => {
    const late = vm.console.run('echo begun; sleep 1000', { timeoutMs: 500 })
    await t.rejects(late, /took more than 500 ms and printed: begun/)
    t.equal((await vm.console.run('echo next')).stdout, 'next\n')
  })

  await t.test('the guest has the name, the identity and the ports it was given', async (t) => {
    const names = await vm.console.run('cat /sys/class/virtio-ports/*/name; ls /dev/virtio-ports')
    const wanted = vm.ports.map(({ name }) => name)
    t.strictSame(names.stdout.trim().split('\n'), [...wanted, ...wanted.toSorted()])
    t.equal((await vm.console.run('hostname')).stdout, 'web1\n')
    t.match((await vm.console.run('cat /sys/class/dmi/id/product_uuid')).stdout.toLowerCase(), vm.uuid)
  })

  await t.test('the start script has run and its output is in the log', async (t) => {
    const found = await vm.log.waitFor(/started on \w+/, { signal: AbortSignal.timeout(30_000) })
    t.equal(found, 'started on web1')
  })

  await t.test('Node runs in the guest and sees nothing of the environment here', async (t) => {
    t.equal((await vm.console.run('node --version')).stdout.trim(), process.version)
    const { stdout } = await vm.console.run('node -p "Object.keys(process.env).join()"')
    t.match(stdout, /PATH/)
    t.notMatch(stdout, /NODE|XDG|npm/i)
  })

  await t.test('others than root may write nowhere but in folders made for it', async (t) => {
    const { stdout } = await vm.console.run('find / -xdev -type d -perm -0002 ! -perm -1000')
    t.equal(stdout, '')
    t.match((await vm.console.run('stat -c %a / /run /usr/bin')).stdout, '755\n755\n755\n')
  })

  await t.test('a port carries bytes both ways', async (t) => {
    const socket = connect(vm.socketPath(portName))
    t.teardown(() => socket.destroy())
    socket.write('hello')
    const echoed = once(socket, 'data')
    t.match(await vm.console.run(`dd bs=64 count=1 <>/dev/virtio-ports/${portName} 1>&0`), { status: 0 })
    t.equal(String((await echoed)[0]), 'hello')
  })

  await t.test('pause() stops the guest, resume() lets it go on', async (t) => {
    await vm.pause()
    t.match(await vm.qmp('query-status'), { status: 'paused', running: false })
    await vm.resume()
    t.match(await vm.qmp('query-status'), { status: 'running', running: true })
    t.equal((await vm.console.run('echo awake')).stdout, 'awake\n')
  })

  await t.test('reboot() gives a fresh system', async (t) => {
    await vm.console.run('touch /tmp/mark')
    const before = vm.console.bootId
    await vm.reboot()
    t.not(vm.console.bootId, before)
    t.equal((await vm.console.run('ls /tmp/mark')).status, 1)
  })

  await t.test('powerOff() ends QEMU from inside', async (t) => {
    await vm.powerOff()
    t.match(await vm.ended, { code: 0 })
  })

  await t.test('close() leaves neither process nor socket', async (t) => {
    await vm.close()
    t.throws(() => kill(vm.pid, 0), { code: 'ESRCH' })
    await t.rejects(access(dirname(vm.socketPath(portName))), { code: 'ENOENT' })
    await t.rejects(vm.console.run('true'), /the machine is gone/)
  })
})

test('a machine that cannot run says why and leaves nothing', { timeout: 120_000 }, async (t) => {
  const image = await buildImage({
    prerequisites: await ensurePrerequisites({ install: true, log: (line) => t.comment(line) }),
    files: [{ to: '/init', content: '#!/bin/sh\n', mode: 0o755 }],
  })

  await t.test('startVm() fails with the words of QEMU', async (t) => {
    const started = startVm({ image, name: 'web1', extraArgs: ['-device', 'no-such-device'] })
    await t.rejects(started, /Cannot start machine "web1".*no-such-device/)
  })

  await t.test('waitBooted() fails as soon as the kernel gives up', async (t) => {
    const vm = await startVm({ image, name: 'web1' })
    t.teardown(async () => await vm.close())
    await t.rejects(vm.waitBooted(), /Cannot boot machine "web1": Kernel panic/)
  })

  await t.test('waitBooted() fails when QEMU ends', async (t) => {
    const vm = await startVm({ image, name: 'web1' })
    t.teardown(async () => await vm.close())
    const refused = t.rejects(vm.waitBooted(), /Cannot boot machine "web1": QEMU ended/)
    await vm.kill()
    await refused
  })
})
