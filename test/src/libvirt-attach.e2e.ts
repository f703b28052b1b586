/**
 * `negotiator-host attach` and `detach` as a person runs them, beside a real libvirtd. Machines are started and stand
 * still, so nothing boots.
 */
import { randomUUID } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { channelXml, domainXml } from './machine/domain-definition.js'
import { hostBinary } from './machine/host-program.js'
import { TestLibvirt } from './machine/libvirt.js'
import type { ProgramResult } from './machine/libvirt.js'

const both = ['negotiator-host-to-guest.0', 'negotiator-guest-to-host.0']

/** A domain that can be plugged into while it runs. */
const roomy = `<controller type='virtio-serial' index='0'/>`

test('attach and detach', { timeout: 300_000 }, async (t) => {
  const libvirt = await TestLibvirt.start({ log: (line) => t.comment(line) })
  t.teardown(async () => await libvirt.close())

  const host = async (...args: readonly string[]): Promise<ProgramResult> =>
    await libvirt.run(process.execPath, [hostBinary, '--root', libvirt.folder, ...args])
  /** Channels of the definition, or of the machine that runs. */
  const channelsOf = async (uuid: string, ...options: readonly string[]): Promise<readonly string[]> => {
    const xml = await libvirt.virsh('dumpxml', uuid, ...options)
    return both.filter((name) => xml.includes(`name='${name}'`))
  }
  const define = async (
    name: string,
    rest: { channels?: string[]; devices?: string } = {},
  ): Promise<string> => {
    const uuid = randomUUID()
    await libvirt.define(domainXml({ name, uuid, ...rest }))
    return uuid
  }

  await t.test('a domain that is off is changed, shown, kept as it was, and can be had back', async (t) => {
    const uuid = await define('web1')
    const before = await libvirt.virsh('dumpxml', '--inactive', '--security-info', uuid)
    const dry = await host('attach', 'web1', '--dry-run')
    t.match(dry, { status: 0, stderr: '' })
    t.match(dry.stdout, /^--- web1 \(before\)\n\+\+\+ web1 \(after\)\n@@ .*\n/)
    t.match(
      dry.stdout,
      /\n\+ {4}<channel type='unix'>\n\+ {6}<target type='virtio' name='negotiator-host-to-guest.0'\/>\n/,
    )
    t.match(
      dry.stdout,
      /\nThis would attach both channels to "web1"; libvirt adds the addresses. Nothing was changed.\n$/,
    )
    t.same(await channelsOf(uuid, '--inactive'), [])

    const attached = await host('attach', 'web1')
    t.match(attached, { status: 0, stderr: '' })
    t.match(
      attached.stdout,
      /\n\+ +<controller type='virtio-serial' index='0'>\n/,
      'the diff is of what libvirt made of it',
    )
    const [, file = ''] =
      /\nAttached both channels to "web1".\nIts definition as it was is in (.*)\nIt is off, and has them when it is started.\n$/.exec(
        attached.stdout,
      ) ?? []
    t.ok(file.startsWith(join(libvirt.folder, 'var/lib/negotiator/domains', uuid)), file)
    t.equal((await stat(file)).mode & 0o777, 0o600)
    t.equal((await readFile(file, 'utf8')).trim(), before.trim())
    t.same(await channelsOf(uuid, '--inactive'), both)

    t.equal((await host('attach', uuid)).stdout, '"web1" has both channels already.\n')
    await libvirt.virsh('define', file)
    t.same(await channelsOf(uuid, '--inactive'), [])
  })

  await t.test('a channel that is missing is added, and both are taken away again', async (t) => {
    const uuid = await define('half', { channels: ['negotiator-guest-to-host.0'] })
    t.match(
      (await host('attach', 'half')).stdout,
      /\nAttached the channel negotiator-host-to-guest.0 to "half".\n/,
    )
    t.same(await channelsOf(uuid, '--inactive'), both)
    const dry = await host('detach', 'half', '--dry-run')
    t.match(dry.stdout, /\n-.*<channel type='unix'>\n[^]*This would detach both channels from "half"/)
    t.match(
      (await host('detach', 'half')).stdout,
      /\n-.*<channel[^]*\nDetached both channels from "half".\nIts definition/,
    )
    t.same(await channelsOf(uuid, '--inactive'), [])
    t.equal((await host('detach', 'half')).stdout, '"half" has neither channel.\n')
  })

  await t.test('a machine that runs is changed for its next start, or at once', async (t) => {
    const uuid = await define('runs', { devices: roomy })
    await libvirt.virsh('start', uuid, '--paused')
    const advice =
      /\nIt runs as it was, and has to be shut down and started \(virsh shutdown, virsh start\); rebooting it is not enough.\n$/
    t.match((await host('attach', 'runs')).stdout, advice)
    t.same([await channelsOf(uuid, '--inactive'), await channelsOf(uuid)], [both, []])
    t.match(
      (await host('attach', 'runs')).stdout,
      /^"runs" has both channels already.\nIt runs as it was, and has to be shut down/,
    )
    t.equal(
      (await host('attach', 'runs', '--live')).stdout,
      'Attached both channels to "runs" and its running machine.\n',
    )
    t.same(await channelsOf(uuid), both)
    t.match(
      (await host('detach', 'runs', '--live')).stdout,
      /\nDetached both channels from "runs" and its running machine.\n/,
    )
    t.same([await channelsOf(uuid, '--inactive'), await channelsOf(uuid)], [[], []])
    await libvirt.virsh('destroy', uuid)
  })

  await t.test('a machine without room for channels keeps running, and is told so', async (t) => {
    const uuid = await define('narrow')
    await libvirt.virsh('start', uuid, '--paused')
    t.match(await host('attach', 'narrow', '--live'), {
      status: 125,
      stderr:
        'negotiator-host: Cannot attach "narrow" while it runs: internal error: no virtio-serial controllers are ' +
        'available; its definition is changed, so shut it down and start it\n',
    })
    t.same([await channelsOf(uuid, '--inactive'), await channelsOf(uuid)], [both, []])
    await libvirt.virsh('destroy', uuid)
  })

  await t.test('a transient domain can be changed only while it runs', async (t) => {
    const uuid = randomUUID()
    await libvirt.virsh(
      'create',
      await libvirt.xmlFile(domainXml({ name: 'passing', uuid, devices: roomy })),
      '--paused',
    )
    t.match(await host('attach', 'passing'), {
      status: 125,
      stderr:
        /^negotiator-host: Cannot attach "passing": it is transient, so libvirt keeps no definition of it/,
    })
    t.match(await host('attach', 'passing', '--live'), {
      status: 0,
      stdout: 'Attached both channels to "passing" and its running machine.\n',
    })
    t.same(await channelsOf(uuid), both)
    await libvirt.virsh('destroy', uuid)
  })

  await t.test('a hostile name is only a name', async (t) => {
    const name = `--help; destroy "web1' $(touch ${libvirt.folder}/pwned)`.replaceAll('/', '.')
    const uuid = await define(name)
    t.match(await host('attach', '--', name), { status: 0, stderr: '' })
    t.same(await channelsOf(uuid, '--inactive'), both)
    t.match((await host('detach', uuid)).stdout, /Detached both channels from "--help; destroy/)
  })

  await t.test('what cannot be done is said in a sentence, and nothing is changed', async (t) => {
    const refused = async (args: readonly string[], sentence: string | RegExp): Promise<void> => {
      t.match(await host(...args), { status: 125, stdout: '', stderr: sentence }, args.join(' '))
    }
    await define('web2')
    await refused(['attach', 'db'], /has no such domain; `virsh list --all` lists them\n$/)
    await refused(
      ['attach', 'web22'],
      'negotiator-host: Cannot find "web22": libvirt at qemu:///system has no such domain; did you mean "web2"?\n',
    )
    await refused(
      ['attach', 'web2', '--live'],
      /^negotiator-host: Cannot attach "web2" with --live: it does not run; leave/,
    )
    await refused(
      ['attach', 'web2', '--connect', 'qemu+ssh://other/system'],
      /^negotiator-host: Cannot use the libvirt "qemu\+ssh:.*: it names another machine/,
    )
    await refused(['attach'], /missing required argument 'guest'/)
    await define('odd', { devices: channelXml(both[0] ?? '').replace("type='unix'", "type='pty'") })
    await refused(
      ['attach', 'odd'],
      /^negotiator-host: Cannot attach "odd": it has a channel "neg.*its type is "pty", wanted "unix"; take it out/,
    )
    await libvirt.stopLibvirtd()
    await refused(
      ['attach', 'web2'],
      /^negotiator-host: Cannot ask libvirt at qemu:\/\/\/system: failed to connect.*; is libvirtd running/,
    )
    await libvirt.startLibvirtd()
  })

  await t.test('another libvirt can be named, on the command line or in the configuration', async (t) => {
    await define('web3')
    const uri = 'qemu+unix:///system'
    t.match(await host('attach', 'web3', '--dry-run', '--connect', uri), { status: 0, stderr: '' })
    const config = join(libvirt.folder, 'libvirt.toml')
    await writeFile(config, `drivers = ["qemu", "libvirt:${uri}"]\n`)
    t.match(await host('--config', config, 'attach', 'web3', '--dry-run'), { status: 0, stderr: '' })
    t.match(await host('--config', config, 'attach', 'db'), {
      status: 125,
      stderr: /libvirt at qemu\+unix:\/\/\/system has no such domain/,
    })
  })

  await t.test('where the definition cannot be kept as it was, nothing is changed', async (t) => {
    const uuid = await define('careful')
    await writeFile(join(libvirt.folder, 'var/lib/negotiator/domains', uuid), 'in the way')
    t.match(await host('attach', 'careful'), {
      status: 125,
      stderr:
        /^negotiator-host: Cannot keep the domain's XML as it is in ".*": (EEXIST|ENOTDIR); nothing was changed\n$/,
    })
    t.same(await channelsOf(uuid, '--inactive'), [])
  })

  await t.test('for a QEMU without libvirt there are arguments to paste', async (t) => {
    t.match(
      (await host('attach', '--qemu', 'web1')).stdout,
      /^-device virtio-serial-pci\n-chardev socket,id=h2g,path=\/run\/negotiator-guests\/web1\//,
    )
    t.match(await host('attach', '--qemu', 'two words'), {
      status: 125,
      stderr: /^negotiator-host: Cannot write arguments for "two words": /,
    })
  })
})
