/**
 * Guests of a real libvirtd, as a person keeps them with virsh: attached to while they run, called both ways, paused,
 * rebooted, switched off, renamed; and libvirtd itself goes away and comes back.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'tap'
import type { PeerSummary } from '@negotiator/host'
import { GuestConsole } from './machine/console.js'
import { domainXml } from './machine/domain-definition.js'
import { HostProgram } from './machine/host-program.js'
import { TestLibvirt } from './machine/libvirt.js'
import { buildNegotiatorImage } from './machine/negotiator-image.js'
import { ensurePrerequisites } from './machine/prerequisites.js'
import { guestCommand } from './machine/story.js'
import { allScripts } from './scripts.js'
import { tellOnFailure } from './machine/tell-on-failure.js'

const oddName = `web "1" '--x' <&>`
const hook = join(import.meta.dirname, '../../packaging/libvirt/hooks/qemu.d/negotiator')

test('guests of libvirt', { timeout: 600_000 }, async (t) => {
  const log = (line: string): void => t.comment(line)
  const image = await buildNegotiatorImage({
    prerequisites: await ensurePrerequisites({ install: true, log }),
    files: allScripts.map(guestCommand),
  })
  const libvirt = await TestLibvirt.start({ log })
  t.teardown(async () => await libvirt.close())
  const { folder } = libvirt
  const host = await HostProgram.start({
    root: folder,
    launcher: libvirt.launcher,
    // The second driver sees the same machines as the first, and must not get in its way.
    config: [
      'drivers = ["libvirt", "qemu:web*"]',
      'heartbeat-interval-seconds = 2',
      'heartbeat-dead-seconds = 8',
    ],
  })
  t.teardown(async () => await host.stop())
  const client = await host.connect()
  t.teardown(() => client.close())
  const logOf = (hostName: string): string => join(folder, `${hostName}.log`)
  tellOnFailure(t, async () => {
    const paths = ['web', 'web1'].map(logOf)
    const texts = await Promise.all(paths.map(async (path) => await readFile(path, 'utf8').catch(() => '')))
    return [host.log, ...texts.map((text) => text.slice(-4_000))].join('\n')
  })

  const uuids = { web: randomUUID(), web1: randomUUID() }
  const define = async (
    hostName: 'web' | 'web1',
    name: string,
    channels: readonly string[],
  ): Promise<void> => {
    const boot = { ...image, hostName, logPath: logOf(hostName), consolePath: join(folder, hostName) }
    // A controller has to be there for what is plugged in later.
    const devices = `<controller type='virtio-serial' index='0'/>`
    await libvirt.define(domainXml({ name, uuid: uuids[hostName], channels, devices, memoryMb: 512, boot }))
  }
  const consoleOf = async (hostName: string): Promise<GuestConsole> => {
    const socket = connect(join(folder, hostName))
    await once(socket, 'connect')
    t.teardown(() => socket.destroy())
    return new GuestConsole(socket)
  }
  /** The guest, as soon as it is as wanted. */
  const until = async (uuid: string, isWanted: (peer?: PeerSummary) => boolean): Promise<void> => {
    for await (const peers of client.watchPeers())
      if (isWanted(peers.find((peer) => peer.uuid === uuid))) return
  }
  const untilState = async (uuid: string, state: PeerSummary['state']): Promise<void> =>
    await until(uuid, (peer) => peer?.state === state)
  const say = async (target: string): Promise<string> =>
    (await client.run({ target, command: 'print-arguments', args: ['a b'] })).stdout.toString()

  await define('web', 'web', [])
  await define('web1', oddName, ['negotiator-host-to-guest.0', 'negotiator-guest-to-host.0'])

  await t.test('domains that are off are listed, and one without channels is told apart', async (t) => {
    await untilState(uuids.web, 'off')
    await untilState(uuids.web1, 'off')
    t.match(await host.cli(['run', 'web', 'copy']), {
      status: 125,
      stderr: /"web": its machine is switched off/,
    })
    await libvirt.virsh('start', uuids.web)
    await libvirt.virsh('start', uuids.web1)
    await untilState(uuids.web, 'no-channels')
    t.match(await host.cli(['run', 'web', 'copy']), {
      status: 125,
      stderr: /its machine runs without our channels; `negotiator-host attach` adds them/,
    })
  })

  const consoles = { web: await consoleOf('web'), web1: await consoleOf('web1') }

  await t.test('channels are plugged into a machine that runs, and it can be called', async (t) => {
    const bootId = await consoles.web.booted(undefined)
    t.match(await host.cli(['attach', 'web', '--live']), { status: 0, stderr: '' })
    await client.wait('web', { timeoutMs: 60_000 })
    t.equal(await say('web'), '[a b]')
    t.equal(consoles.web.bootId, bootId, 'without a reboot')
  })

  await t.test('both can be called, and call, under the names that libvirt has', async (t) => {
    await client.wait(oddName, { timeoutMs: 120_000 })
    t.equal((await host.cli(['run', oddName, 'print-arguments', 'x'])).stdout, '[x]')
    t.equal(await say(uuids.web1), '[a b]')
    for (const [hostName, name] of [
      ['web', 'web'],
      ['web1', oddName],
    ] as const) {
      t.equal((await consoles[hostName].run('negotiator-guest run guest-name')).stdout, `${name}\n`)
    }
    const listed = (await host.cli(['guests'])).stdout.split('\n').filter((line) => line.includes('ready'))
    t.equal(listed.length, 2)
    t.notMatch(host.log, /WARN|warn/, 'nothing to complain of, with two drivers for the same machines')
  })

  await t.test('libvirtd goes away and comes back, and calls go on', async (t) => {
    await libvirt.addHook(
      'qemu.d/negotiator',
      (await readFile(hook, 'utf8')).replace('/run/negotiator', join(folder, 'run/negotiator')),
    )
    const call = client.call({ target: 'web', command: 'copy' }, { hasStdin: true })
    call.stderr.resume()
    const said = call.stdout[Symbol.asyncIterator]()
    const echo = async (text: string): Promise<string> => {
      call.stdin.write(text)
      return String((await said.next()).value)
    }
    t.equal(await echo('before'), 'before')
    const logged = host.log.length
    await libvirt.stopLibvirtd()
    const lines = (): readonly string[] =>
      host.log
        .slice(logged)
        .split('\n')
        .filter((line) => line.includes('"driver":"libvirt"'))
    await host.logged(/Cannot ask libvirt/, logged)
    t.equal(await echo('meanwhile'), 'meanwhile')
    t.equal(await say(oddName), '[a b]')
    await libvirt.startLibvirtd()
    await host.logged(/A driver finds guests again/, logged)
    t.equal(await echo('after'), 'after')
    call.stdin.end()
    t.match(await call.result, { kind: 'exited', code: 0 })
    t.equal(lines().length, 2, 'one line when it goes, one when it is back')
  })

  await t.test('a machine that is paused is no silent one', async () => {
    await libvirt.virsh('suspend', uuids.web)
    await untilState(uuids.web, 'paused')
    await libvirt.virsh('resume', uuids.web)
    await untilState(uuids.web, 'ready')
  })

  await t.test('one reboots while the other is switched off, renamed and started anew', async (t) => {
    consoles.web1.post('reboot -f')
    await rm(join(folder, 'run/negotiator/libvirt-changed'), { force: true })
    await libvirt.virsh('destroy', uuids.web)
    await untilState(uuids.web, 'off')
    await libvirt.virsh('domrename', uuids.web, 'renamed web')
    await until(uuids.web, (peer) => peer?.name === 'renamed web')
    t.equal(
      await readFile(join(folder, 'run/negotiator/libvirt-changed'), 'utf8'),
      '',
      "libvirt's hook has been here",
    )
    await libvirt.virsh('start', uuids.web)
    await untilState(uuids.web1, 'silent')
    await client.wait(oddName, { timeoutMs: 120_000 })
    t.equal(await say(oddName), '[a b]')
    await client.wait('renamed web', { timeoutMs: 120_000 })
    t.equal(await say('renamed web'), '[a b]')
    const console = await consoleOf('web')
    t.equal((await console.run('negotiator-guest run guest-name')).stdout, 'renamed web\n')
  })

  await t.test('what is undefined is gone', async (t) => {
    for (const uuid of Object.values(uuids)) {
      await libvirt.virsh('destroy', uuid)
      await libvirt.virsh('undefine', uuid)
    }
    for await (const peers of client.watchPeers()) if (peers.length === 0) break
    t.match(await host.cli(['run', 'renamed web', 'copy']), {
      status: 125,
      stderr: /there is no "renamed web" here/,
    })
  })
})
