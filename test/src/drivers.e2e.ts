/**
 * Guests are found, attached to and let go as real QEMUs come and go, however they were started. Nothing boots: no guest
 * answers, and none has to.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import type { PeerSummary } from '@negotiator/host'
import { HostProgram } from './machine/host-program.js'
import { ensurePrerequisites } from './machine/prerequisites.js'
import { tellOnFailure } from './machine/tell-on-failure.js'

const uuid = '4f6c0f0e-3a0b-4c7e-9d55-0123456789ab'
const hostToGuest = 'negotiator-host-to-guest.0'
const guestToHost = 'negotiator-guest-to-host.0'

// Other machines may run beside ours; they are not ours to attach to.
const ours = `found-${process.pid}`

interface StartedQemu {
  /** Ends it as a power cut would. */
  end(): Promise<void>
}

/** Starts a QEMU that never runs its guest; it does not outlive us. */
async function startQemu(
  t: Test,
  { cwd, args }: { cwd: string; args: readonly string[] },
): Promise<StartedQemu> {
  const { qemu } = await ensurePrerequisites({ install: true, log: (line) => t.comment(line) })
  const stopped = [
    '-S',
    '-nodefaults',
    '-no-user-config',
    '-display',
    'none',
    '-machine',
    'pc',
    '-accel',
    'tcg',
    '-m',
    '32',
  ]
  const program = ['--pdeathsig', 'KILL', '--', qemu, ...stopped, '-device', 'virtio-serial-pci', ...args]
  const child = spawn('setpriv', program, { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  child.stderr.on('data', (text: Buffer) => t.comment(text.toString()))
  const exited = once(child, 'exit')
  await once(child, 'spawn')
  const end = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  t.teardown(end)
  return { end }
}

test('real QEMUs come and go', { timeout: 120_000 }, async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'ng-'))
  t.teardown(async () => await rm(root, { recursive: true, force: true }))
  const guests = join(root, 'run/guests')
  const config = [`drivers = ${JSON.stringify([`qemu:${ours}-*`, `folder:${guests}`])}`]
  const host = await HostProgram.start({ root, config })
  t.teardown(async () => await host.stop())
  tellOnFailure(t, () => host.log)
  const client = await host.connect()
  t.teardown(() => client.close())

  /** The guests, as soon as they are as wanted. */
  const untilPeers = async (
    isWanted: (peers: readonly PeerSummary[]) => boolean,
  ): Promise<readonly PeerSummary[]> => {
    for await (const peers of client.watchPeers()) if (isWanted(peers)) return peers
    throw new Error('The daemon went away')
  }
  // "Silent" is what an attached guest is whose daemon does not run.
  const untilAttached = async (name: string): Promise<PeerSummary | undefined> => {
    const isAttached = (peer: PeerSummary): boolean => peer.name === name && peer.state === 'silent'
    return (await untilPeers((peers) => peers.some(isAttached))).find(isAttached)
  }
  const untilGone = async (name: string): Promise<void> => {
    await untilPeers((peers) => !peers.some((peer) => peer.name === name))
  }

  await t.test('one as libvirt starts them, with relative sockets', async (t) => {
    const device = { driver: 'virtserialport', chardev: 'charchannel0', id: 'channel0', name: hostToGuest }
    const qemu = await startQemu(t, {
      cwd: root,
      args: [
        ...['-name', `guest=${ours}-a,debug-threads=on,process=renamed`, '-uuid', uuid.toUpperCase()],
        ...[
          '-chardev',
          'socket,id=charchannel0,path=a.sock,server=on,wait=off',
          '-device',
          JSON.stringify(device),
        ],
      ],
    })
    t.equal((await untilAttached(`${ours}-a`))?.uuid, uuid)
    await qemu.end()
    await untilGone(`${ours}-a`)
  })

  await t.test('one as people start them, with a comma in its name and the options of old', async (t) => {
    const qemu = await startQemu(t, {
      cwd: '/',
      args: [
        ...['--name', `${ours}-b,,2`, '-chardev', `socket,id=c0,path=${root}/b,,2.sock,server,nowait`],
        ...['-device', `virtserialport,chardev=c0,name=${hostToGuest}`],
      ],
    })
    t.ok(await untilAttached(`${ours}-b,2`))
    await qemu.end()
    await untilGone(`${ours}-b,2`)
  })

  await t.test('one whose name only its monitor knows', async (t) => {
    await writeFile(join(root, 'c.cfg'), `[name]\n  guest = "${ours}-c"\n`)
    const qemu = await startQemu(t, {
      cwd: root,
      args: [
        ...['-readconfig', 'c.cfg', '-qmp', 'unix:c.qmp,server=on,wait=off'],
        ...['-chardev', 'socket,id=c0,path=c.sock,server=on,wait=off'],
        ...['-device', `virtserialport,chardev=c0,name=${hostToGuest}`],
      ],
    })
    t.ok(await untilAttached(`${ours}-c`))
    await qemu.end()
    await untilGone(`${ours}-c`)
  })

  await t.test('one that lays its sockets into a folder', async (t) => {
    const folder = join(guests, 'web1')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'uuid'), uuid)
    const qemu = await startQemu(t, {
      cwd: folder,
      args: [
        ...['-chardev', `socket,id=c0,path=${hostToGuest}.sock,server=on,wait=off`],
        ...['-chardev', `socket,id=c1,path=${guestToHost}.sock,server=on,wait=off`],
        ...['-device', `virtserialport,chardev=c0,name=${hostToGuest}`],
        ...['-device', `virtserialport,chardev=c1,name=${guestToHost}`],
      ],
    })
    t.equal((await untilAttached('web1'))?.uuid, uuid)
    await qemu.end()
    await rm(folder, { recursive: true })
    await untilGone('web1')
  })

  await t.test('two of one name, told apart by their uuids', async (t) => {
    const uuids = [uuid, uuid.replace('4f', '5a')]
    for (const [index, each] of uuids.entries()) {
      await startQemu(t, {
        cwd: root,
        args: [
          ...['-name', `${ours}-twin`, '-uuid', each],
          ...['-chardev', `socket,id=c0,path=twin-${index}.sock,server=on,wait=off`],
          ...['-device', `virtserialport,chardev=c0,name=${hostToGuest}`],
        ],
      })
    }
    const twins = (peers: readonly PeerSummary[]): readonly PeerSummary[] =>
      peers.filter(({ name, state }) => name === `${ours}-twin` && state === 'silent')
    const found = twins(await untilPeers((peers) => twins(peers).length === 2))
    t.same(new Set(found.map((peer) => peer.uuid)), new Set(uuids))
  })
})
