import { once } from 'node:events'
import { access } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { kill } from 'node:process'
import t from 'tap'
import { buildImage } from './image.js'
import { ensurePrerequisites } from './prerequisites.js'
import { startVm } from './vm.js'
import type { Vm } from './vm.js'

// Emulated guests take their time, and share this machine with whatever else it does.
t.setTimeout(300_000)

const portName = 'negotiator-host-to-guest.0'

async function bootVm(): Promise<Vm> {
  const prerequisites = await ensurePrerequisites({ install: true, log: (line) => t.comment(line) })
  const image = await buildImage({
    prerequisites,
    files: [{ to: '/etc/negotiator-start', content: '#!/bin/sh\necho started on $(hostname)\n', mode: 0o755 }],
  })
  const vm = await startVm({ image, name: 'web1', uuid: '6dd3a0ab-3f0a-4d43-8a5b-0d3e6f2a9c11' })
  await vm.waitBooted()
  return vm
}

const vm = await bootVm()
t.teardown(() => vm.close())
t.on('fail', () => t.comment(vm.log.text))

t.test('run() gives output, errors and status of a command as they are', async (t) => {
  const result = await vm.console.run(`printf 'one\\ntwo'; echo '' >&2; printf 'x 0 1 1\\n' >&2; exit 3`)
  t.strictSame(result, { stdout: 'one\ntwo', stderr: '\nx 0 1 1\n', status: 3 })
})

t.test('run() passes input and hands back as much, byte for byte', async (t) => {
  const input = Array.from({ length: 20_000 }, (_, index) => String.fromCharCode(index % 0x7ff)).join('')
  const { stdout } = await vm.console.run('cat', { input })
  t.equal(stdout, input)
})

t.test('run() interrupts a command that takes too long, and runs the next', async (t) => {
  await t.rejects(vm.console.run('echo begun; sleep 1000', { timeoutMs: 500 }), /took more than 500 ms.*begun/)
  t.equal((await vm.console.run('echo next')).stdout, 'next\n')
})

t.test('The guest has the name, the identity and the ports it was given', async (t) => {
  const names = await vm.console.run('cat /sys/class/virtio-ports/*/name; ls /dev/virtio-ports')
  const wanted = ['negotiator-host-to-guest.0', 'negotiator-guest-to-host.0']
  t.strictSame(names.stdout.trim().split('\n'), [...wanted, ...wanted.toReversed()])
  t.equal((await vm.console.run('hostname')).stdout, 'web1\n')
  t.match((await vm.console.run('cat /sys/class/dmi/id/product_uuid')).stdout.toLowerCase(), vm.uuid)
})

t.test('The start script has run and its output is in the log', async (t) => {
  t.equal(await vm.log.waitFor(/started on \w+/, { signal: AbortSignal.timeout(20_000) }), 'started on web1')
})

t.test('Node runs in the guest and sees nothing of the environment here', async (t) => {
  t.equal((await vm.console.run('node --version')).stdout.trim(), process.version)
  const { stdout } = await vm.console.run('node -p "Object.keys(process.env).sort().join()"')
  t.notMatch(stdout, /NODE|XDG|npm/)
})

t.test('A port carries bytes both ways', async (t) => {
  const socket = connect(vm.socketPath(portName))
  t.teardown(() => socket.destroy())
  socket.write('hello')
  const echoed = once(socket, 'data')
  const port = `/dev/virtio-ports/${portName}`
  t.match(await vm.console.run(`dd bs=64 count=1 <>${port} 1>&0`), { status: 0 })
  t.equal(String((await echoed)[0]), 'hello')
})

t.test('pause() stops the guest, resume() lets it go on', async (t) => {
  await vm.pause()
  t.match(await vm.qmp('query-status'), { status: 'paused', running: false })
  await vm.resume()
  t.match(await vm.qmp('query-status'), { status: 'running', running: true })
  t.equal((await vm.console.run('echo awake')).stdout, 'awake\n')
})

t.test('reboot() gives a fresh system', async (t) => {
  await vm.console.run('touch /tmp/mark')
  const before = vm.console.bootId
  await vm.reboot()
  t.not(vm.console.bootId, before)
  t.equal((await vm.console.run('ls /tmp/mark')).status, 1)
})

t.test('close() leaves neither process nor socket', async (t) => {
  await vm.close()
  t.throws(() => kill(vm.pid, 0), { code: 'ESRCH' })
  await t.rejects(access(dirname(vm.socketPath(portName))), { code: 'ENOENT' })
  await t.rejects(vm.console.run('true'), /the machine is gone/)
})
