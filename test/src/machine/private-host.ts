/**
 * A host to follow instructions on, to the letter: libvirtd and supervisord run there as Debian has them, npm installs
 * where it installs, and whoever types there is root. Only the machine that runs the tests sees nothing of it.
 *
 * What is Negotiator's and what supervisord starts there is away at first, should this machine have any.
 */
import { dirname, resolve, sep } from 'node:path'
import { execa } from 'execa'
import { TestLibvirt } from './libvirt.js'
import type { ProgramResult } from './libvirt.js'
import { ensureInstalled } from './prerequisites.js'

const systemFolders = ['/etc', '/usr', '/var']

const emptyFolders = [
  '/etc/supervisor/conf.d',
  '/var/log/supervisor',
  '/etc/negotiator',
  '/var/lib/negotiator',
  '/usr/lib/negotiator',
]

/** A host of a test's own. */
export class PrivateHost {
  readonly libvirt: TestLibvirt

  private constructor(libvirt: TestLibvirt) {
    this.libvirt = libvirt
  }

  /** Starts it, with libvirtd and supervisord. Installs both when they are missing. */
  static async start({ log }: { readonly log: (line: string) => void }): Promise<PrivateHost> {
    await ensureInstalled([{ program: 'supervisord', package: 'supervisor' }], { install: true, log })
    const libvirt = await TestLibvirt.start({ log, copiedFolders: await changedFolders(), emptyFolders })
    const host = new PrivateHost(libvirt)
    try {
      // When it has gone into the background it can be reached.
      await host.type('supervisord -c /etc/supervisor/supervisord.conf')
      return host
    } catch (error) {
      await host.close()
      throw error
    }
  }

  /** Where whoever types is at home, and where his files are; it lies at the same place outside. */
  get folder(): string {
    return this.libvirt.folder
  }

  /**
   * Types lines into a shell, until one fails.
   *
   * @returns what they printed on standard output
   * @throws Error with all that they printed when one fails
   */
  async type(lines: string): Promise<string> {
    const { status, stdout, stderr } = await this.try(lines)
    if (status !== 0) throw new Error(`On the host, ${lines} gave ${status}: ${stdout}${stderr}`)
    return stdout
  }

  /** Types lines that may fail. */
  async try(lines: string): Promise<ProgramResult> {
    const { folder } = this
    const settings = [`HOME=${folder}`, `PATH=${path}`]
    return await this.libvirt.run('env', [...settings, 'sh', '-e', '-c', `cd '${folder}'\n${lines}`])
  }

  /** What its daemons have logged: show it when a test fails. */
  async log(): Promise<string> {
    return (await this.try('tail -n 50 /var/log/supervisor/* /var/log/libvirt/libvirtd.log')).stdout
  }

  /** Ends all that runs there. */
  async close(): Promise<void> {
    await this.libvirt.close()
  }
}

/** With the Node and npm that run the tests. */
const path = [dirname(process.execPath), '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'].join(
  ':',
)

/** The system's, and where npm installs programs, should that be elsewhere. */
async function changedFolders(): Promise<readonly string[]> {
  const { stdout } = await execa('npm', ['prefix', '--global'], {
    env: { HOME: '/nonexistent', PATH: path },
    extendEnv: false,
  })
  const prefix = resolve(stdout)
  const isWithin = systemFolders.some((folder) => `${prefix}${sep}`.startsWith(`${folder}${sep}`))
  return isWithin ? systemFolders : [...systemFolders, prefix]
}
