import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hostToGuest } from '@negotiator/common'
import { test } from 'tap'
import { testFolder } from '@negotiator/common/testing'
import { QemuProcesses } from './qemu-processes.js'
import { startStandIn, writeProcess } from './test-processes.js'

const qemu = '/usr/bin/qemu-system-x86_64'
const port = ['-device', `virtserialport,chardev=c0,name=${hostToGuest}`]

/** Who is found: process id and name. */
async function look(processes: QemuProcesses): Promise<readonly string[]> {
  return (await processes.look()).map(({ id, machine }) => `${id} ${machine.name}`)
}

test('look() finds the QEMU processes among all others', async (t) => {
  const procFolder = testFolder(t)
  writeFileSync(join(procFolder, 'uptime'), '1.00 1.00')
  writeProcess({ procFolder, id: 2, argv: [], program: 'kthreadd', flags: 0x0020_8040 })
  writeProcess({ procFolder, id: 7, argv: [qemu, '-name', 'web1'] })
  writeProcess({ procFolder, id: 8, argv: ['/bin/grep', 'qemu-system-x86_64'], program: 'grep' })
  writeProcess({
    procFolder,
    id: 9,
    argv: ['/usr/libexec/qemu-kvm', '-name', 'web2'],
    program: 'qemu) (kvm) 1',
  })
  t.same(await look(new QemuProcesses(procFolder)), ['7 web1', '9 web2'])
})

test('look() goes over many processes', async (t) => {
  const procFolder = testFolder(t)
  const ids = Array.from({ length: 100 }, (_, index) => 1000 + index)
  for (const id of ids) writeProcess({ procFolder, id, argv: [qemu, '-name', `guest-${id}`] })
  t.equal((await new QemuProcesses(procFolder).look()).length, 100)
})

test('look() passes over dead, half-made and hidden processes', async (t) => {
  const procFolder = testFolder(t)
  writeProcess({ procFolder, id: 1, argv: [qemu], state: 'Z' })
  writeProcess({ procFolder, id: 2, argv: [qemu] })
  rmSync(join(procFolder, '2/cmdline'))
  writeProcess({ procFolder, id: 3, argv: [qemu] })
  rmSync(join(procFolder, '3/stat'))
  writeProcess({ procFolder, id: 4, argv: [] })
  t.same(await look(new QemuProcesses(procFolder)), [])
})

test('look() finds a process that was in the middle of becoming QEMU', async (t) => {
  const procFolder = testFolder(t)
  const processes = new QemuProcesses(procFolder)
  writeProcess({ procFolder, id: 7, argv: [] })
  t.same(await look(processes), [])
  writeProcess({ procFolder, id: 7, argv: [qemu, '-name', 'web1'] })
  t.same(await look(processes), ['7 web1'])
})

test('look() finds a process that another program has become QEMU in', async (t) => {
  const procFolder = testFolder(t)
  const processes = new QemuProcesses(procFolder)
  writeProcess({ procFolder, id: 7, argv: ['/bin/sh', './start-web1'], program: 'sh' })
  t.same(await look(processes), [])
  writeProcess({ procFolder, id: 7, argv: [qemu, '-name', 'web1'] })
  t.same(await look(processes), ['7 web1'])
})

test('look() finds that a process is over, died or gave its id to another', async (t) => {
  const procFolder = testFolder(t)
  const processes = new QemuProcesses(procFolder)
  for (const id of [7, 8, 9]) writeProcess({ procFolder, id, argv: [qemu, '-name', `web${id}`] })
  t.equal((await look(processes)).length, 3)
  rmSync(join(procFolder, '7'), { recursive: true })
  writeProcess({ procFolder, id: 8, argv: [], state: 'Z' })
  writeProcess({ procFolder, id: 9, argv: [qemu, '-name', 'other'], startTime: 200 })
  t.same(await look(processes), ['9 other'])
})

test('look() does not read a command line twice', async (t) => {
  const procFolder = testFolder(t)
  const processes = new QemuProcesses(procFolder)
  writeProcess({ procFolder, id: 7, argv: [qemu, '-name', 'web1'] })
  await look(processes)
  rmSync(join(procFolder, '7/cmdline'))
  t.same(await look(processes), ['7 web1'])
})

test('The key tells a process from a later one of its id, and from what it was before', async (t) => {
  const procFolder = testFolder(t)
  const processes = new QemuProcesses(procFolder)
  const keys: (string | undefined)[] = []
  const wrapper = { procFolder, id: 7, argv: ['/opt/bin/qemu-kvm', '-name', 'web1'], program: 'qemu-kvm' }
  for (const entry of [
    wrapper,
    { ...wrapper, argv: [qemu], program: 'qemu' },
    { ...wrapper, startTime: 200 },
  ]) {
    writeProcess(entry)
    keys.push((await processes.look())[0]?.key)
  }
  t.equal(new Set(keys).size, 3)
})

test('look() resolves a relative socket in the folder of the process, and in none when that is hidden', async (t) => {
  const procFolder = testFolder(t)
  const argv = [qemu, '-chardev', 'socket,id=c0,path=a.sock,server=on,wait=off', ...port]
  writeProcess({ procFolder, id: 7, argv, cwd: '/srv/web1' })
  writeProcess({ procFolder, id: 8, argv })
  const [open, hidden] = await new QemuProcesses(procFolder).look()
  t.same(open?.machine.sockets, { [hostToGuest]: '/srv/web1/a.sock' })
  t.same(hidden?.machine.sockets, {})
  t.match(hidden?.machine.unreachable[hostToGuest], /relative to a folder that we cannot tell/)
})

test('look() says when there is no /proc to look at', async (t) => {
  const procFolder = join(testFolder(t), 'proc')
  const message = `Cannot look for QEMU processes in "${procFolder}": ENOENT`
  await t.rejects(new QemuProcesses(procFolder).look(), { code: 'proc-unreadable', message })
})

test('look() reads the /proc of this machine', async (t) => {
  const { id } = await startStandIn(t, ['-name', 'two words'])
  const found = (await new QemuProcesses('/proc').look()).find((process) => process.id === id)
  t.equal(found?.machine.name, 'two words')
  const startTime = readFileSync(`/proc/${id}/stat`, 'utf8').split(' ')[21]
  t.equal(found?.key.split('\0')[1], startTime)
})
