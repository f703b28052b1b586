/**
 * The README's chapter "Getting started", walked by somebody new: what it says is typed where it says, word for word,
 * on a host with libvirt and supervisord and in a Debian guest, and what comes out is what the chapter promises.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { test } from 'tap'
import { readChapter } from './machine/chapter.js'
import type { GuestConsole } from './machine/console.js'
import { DebianDomain } from './machine/debian-domain.js'
import { PrivateHost } from './machine/private-host.js'

const top = join(import.meta.dirname, '../..')
const steps = readChapter(await readFile(join(top, 'README.md'), 'utf8'), 'Getting started')

/** What is read of package.json. */
interface Description {
  readonly scripts: { readonly 'pack:all': string }
  readonly devEngines: { readonly packageManager: { readonly version: string } }
}

/** What the README says to bring into the guest, "in whatever way you have". */
const brought = ['dist/negotiator-guest-0.1.0-linux-x64', 'dist/packaging/supervisor/negotiator-guest.conf']

// An idle machine boots in half a minute.
const bootTimeoutMs = 240_000

test('the README\'s chapter "Getting started"', { timeout: 600_000 }, async (t) => {
  const log = (line: string): void => t.comment(line)
  const host = await PrivateHost.start({ log })
  t.teardown(async () => await host.close())
  // A test whose parts fail has no event of that; before all is taken down it is known.
  t.teardown(async () => (t.passing() ? undefined : log(await host.log())))
  let guest: GuestConsole | undefined
  const inGuest = async (lines: string): Promise<string> => {
    if (guest === undefined) throw new Error(`No guest yet for ${lines}`)
    const result = await guest.run(`cd /media\nset -e\n${lines}`, { timeoutMs: 60_000 })
    if (result.status === 0) return result.stdout
    throw new Error(`In the guest, ${lines} gave ${result.status}: ${result.stdout}${result.stderr}`)
  }

  const walked: number[] = []
  /** Types a step's lines where its title says. @returns what they print */
  const walk = async (number: number): Promise<string> => {
    walked.push(number)
    const title = steps[number - 1]?.title ?? ''
    const lines = blockOf(number, 'sh')
    if (title.startsWith('On the host: ')) return await host.type(lines)
    if (title.startsWith('In the guest: ')) return await inGuest(lines)
    return await host.type(await withoutPnpm(lines))
  }

  await t.test('1. build the programs', async (t) => {
    t.match(await walk(1), /negotiator-host-[\d.]+\.tgz[^]*negotiator-guest-[\d.]+-linux-/)
  })

  await t.test('2. the program is on the host, and its daemon runs', async (t) => {
    t.match(await walk(2), /^added 1 package[^]*^negotiator-host: added process group\n$/m)
  })

  const folder = join(host.folder, 'web1')
  await mkdir(folder)
  const files = brought.map((path) => ({ from: join(host.folder, path), to: `/${basename(path)}` }))
  const domain = await DebianDomain.prepare({ name: 'web1', uuid: randomUUID(), files, folder, log })
  t.teardown(() => domain.close())
  t.teardown(async () => (t.passing() ? undefined : log(await domain.log())))
  await writeFile(join(host.folder, 'web1.xml'), domain.xml)

  await t.test('3. the guest has its two channels, and boots', async (t) => {
    const said = await walk(3)
    t.match(said, /^Domain 'web1' defined from web1.xml\n/)
    t.match(said, /\nAttached both channels to "web1".\n/)
    t.match(said, /\nDomain 'web1' started\n/)
    const byHand = targetsIn(blockOf(3, 'xml'))
    t.equal(byHand.length, 2)
    t.strictSame(
      targetsIn(await host.type('virsh dumpxml web1 --inactive')),
      byHand,
      'by hand it is the same',
    )
    guest = await domain.booted({ timeoutMs: bootTimeoutMs })
    // The shell of the tests is there before all that starts with the machine; people log in later.
    await inGuest('until [ -S /run/supervisor.sock ]; do sleep 0.2; done')
  })

  await t.test('4. the program is in the guest, and its daemon runs', async (t) => {
    t.equal(await walk(4), 'negotiator-guest: added process group\n')
  })

  await t.test('5. the guest is ready, and says hello', async (t) => {
    const said = await walk(5)
    t.match(said, /^web1 +ready\b/m)
    t.match(said, /hello/i)
  })

  await t.test('6. and 7. a script is dropped into the guest and called from the host', async (t) => {
    t.equal(await walk(6), '')
    const said = await walk(7)
    t.match(said, /^Hello two words, called by host\n/)
    t.match(said, /^greet\b/m)
    const [sum = ''] = (await host.type('tar -c /etc/hostname | sha256sum')).split(' ')
    t.ok(said.trimEnd().endsWith(sum), `the checksum of what went through is ${sum}`)
  })

  await t.test('8. and 9. a script is dropped into the host and called from the guest', async (t) => {
    t.equal(await walk(8), '')
    const release = (await host.type('uname -r')).trim()
    t.not(release, (await inGuest('uname -r')).trim())
    const [first, second, ...listed] = (await walk(9)).split('\n')
    t.equal(first, `web1, your host runs Linux ${release}`)
    t.equal(second, 'web1')
    t.match(listed.join('\n'), /^guest-name\b[^]*^host-kernel\b/m)
  })

  await t.test('no step was left out, and neither doctor finds fault with them', async (t) => {
    t.strictSame(
      walked,
      steps.map(({ number }) => number),
    )
    t.match(await host.type('negotiator-host doctor web1'), /\nAll is well\.\n/)
    t.match(await inGuest('negotiator-guest doctor'), /\nAll is well\.\n/)
  })
})

/** The block of that language in a step, which has one. */
function blockOf(number: number, language: string): string {
  const blocks = steps[number - 1]?.blocks.filter((block) => block.language === language) ?? []
  const [only] = blocks
  if (only !== undefined && blocks.length === 1) return only.text
  throw new Error(`Step ${number} has ${blocks.length} blocks of ${language}, wanted one`)
}

/** The only lines not typed as they stand: pnpm would be fetched, and what it builds first has been built. */
async function withoutPnpm(lines: string): Promise<string> {
  const description: unknown = JSON.parse(await readFile(join(top, 'package.json'), 'utf8'))
  const { scripts, devEngines } = description as Description
  const wanted = `npx --yes pnpm@${devEngines.packageManager.version} pack:all\n`
  if (lines !== wanted) throw new Error(`The README builds with ${lines}, wanted ${wanted}`)
  return `${scripts['pack:all'].replace(' scripts/', ` ${top}/scripts/`)} --no-build --out dist`
}

function targetsIn(xml: string): readonly string[] {
  return [...xml.matchAll(/<target type='virtio' name='([^']*)'/g)].map(([, name]) => name ?? '').toSorted()
}
