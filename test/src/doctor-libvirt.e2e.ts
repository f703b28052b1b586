/**
 * The host's doctor beside a real libvirtd: what is defined and not live, off, paused, or deprived of its folder, and a
 * libvirtd that is down. Machines are started and stand still, so nothing boots.
 */
import { dirname, join } from 'node:path'
import { test } from 'tap'
import { channelNames } from '@negotiator/common'
import { domainXml } from './machine/domain-definition.js'
import { HostProgram } from './machine/host-program.js'
import { TestLibvirt } from './machine/libvirt.js'
import { tellOnFailure } from './machine/tell-on-failure.js'

const uuid = '6d1f7a2e-5a0e-4a53-9a3c-2f5f8c1f0a11'

interface Finding {
  readonly severity: string
  readonly code?: string
  readonly guest?: string
  readonly found: string
  readonly mend?: string
}

test("the host's doctor beside libvirt", { timeout: 300_000 }, async (t) => {
  const libvirt = await TestLibvirt.start({ log: (line) => t.comment(line) })
  t.teardown(async () => await libvirt.close())
  tellOnFailure(t, async () => await libvirt.log())
  const root = join(libvirt.folder, 'host')
  const { launcher } = libvirt
  const host = await HostProgram.start({ root, config: ['drivers = ["libvirt"]'], launcher })
  t.teardown(async () => await host.stop())
  tellOnFailure(t, () => host.log)
  /** What is no better than a warning, by code. */
  const faults = async (...args: readonly string[]): Promise<ReadonlyMap<string, Finding>> => {
    const { stdout, stderr } = await host.cli(['doctor', '--json', ...args])
    if (stderr !== '') throw new Error(stderr)
    const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] }
    const bad = findings.filter(({ severity }) => severity === 'warning' || severity === 'error')
    return new Map(bad.map((finding) => [finding.code ?? '', finding]))
  }
  const codes = async (): Promise<readonly string[]> => [...(await faults('web1')).keys()]

  await t.test('a domain that is off, and has no channels', async (t) => {
    await libvirt.define(domainXml({ name: 'web1', uuid }))
    const found = await faults('web1')
    t.strictSame([...found.keys()], ['guest-off', 'no-channels'])
    t.equal(found.get('guest-off')?.mend, 'virsh start web1')
    t.strictSame([...(await faults(uuid)).keys()], ['guest-off', 'no-channels'], 'by uuid, too')
    t.strictSame([...(await faults()).keys()], [], 'one that is off is no fault of the host')
    const mend = found.get('no-channels')?.mend?.replace('negotiator-host ', '') ?? ''
    t.equal((await host.cli(mend.split(' '))).status, 0)
    t.strictSame(await codes(), ['guest-off'])
    t.equal((await host.cli(['detach', 'web1'])).status, 0)
  })

  await t.test('channels that were added to a machine that runs', async (t) => {
    await libvirt.virsh('start', 'web1', '--paused')
    t.ok((await codes()).includes('no-channels'))
    await libvirt.define(domainXml({ name: 'web1', uuid, channels: channelNames }))
    const found = await faults('web1')
    t.ok(found.has('not-restarted') && !found.has('no-channels'), [...found.keys()].join(' '))
    const { found: sentence = '', mend = '' } = found.get('not-restarted') ?? {}
    t.match(sentence, /^its definition has negotiator-host-to-guest\.0 and negotiator-guest-to-host\.0, and/)
    const [, plugIn = ''] = /: negotiator-host (attach web1 --live)$/.exec(mend) ?? []
    t.equal((await host.cli(plugIn.split(' '))).status, 0)
    t.notOk((await codes()).includes('not-restarted'))
  })

  await t.test('a machine that was started anew, and stands still', async (t) => {
    await libvirt.virsh('destroy', 'web1')
    await libvirt.virsh('start', 'web1', '--paused')
    const found = await until(
      async () => await faults('web1'),
      (faults) => faults.has('guest-paused'),
    )
    t.strictSame([...found.keys()], ['guest-paused'])
    t.equal(found.get('guest-paused')?.mend, 'virsh resume web1')
    await libvirt.virsh('resume', 'web1')
    // Nothing boots in it, so it cannot be all well.
    const after = await until(codes, (codes) => !codes.includes('guest-paused'))
    t.match(after, [/^guest-(booting|silent)$/])
  })

  await t.test('a folder of sockets that is gone', async (t) => {
    const xml = await libvirt.virsh('dumpxml', 'web1')
    const folder = dirname(/<source mode='bind' path='([^']+)'/.exec(xml)?.[1] ?? '')
    await libvirt.run('rm', ['-r', folder])
    const missing = (await faults('web1')).get('channel-folder-missing')
    t.equal(missing?.found, `the folder "${folder}" of its channels does not exist`)
    await libvirt.virsh('destroy', 'web1')
    await libvirt.virsh('start', 'web1', '--paused')
    t.strictSame(await until(codes, (codes) => codes.includes('guest-paused')), ['guest-paused'])
  })

  await t.test('a libvirtd that is down', async (t) => {
    await libvirt.stopLibvirtd()
    const found = await faults()
    t.match(found.get('libvirt-unreachable'), {
      severity: 'error',
      found: /^Cannot ask libvirt at qemu:\/\/\/system: failed to connect/,
      mend: /^systemctl start libvirtd/,
    })
    await libvirt.startLibvirtd()
    await until(
      codes,
      (codes) => !codes.includes('libvirt-unreachable') && !codes.includes('daemon-driver-failed'),
    )
    await libvirt.virsh('destroy', 'web1')
  })
})

/** Looks again until the daemon has noticed what libvirt has told it. */
async function until<Look>(look: () => Promise<Look>, isWanted: (look: Look) => boolean): Promise<Look> {
  for (;;) {
    const seen = await look()
    if (isWanted(seen)) return seen
  }
}
