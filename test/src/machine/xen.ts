/**
 * Xen's own XenStore on a machine without Xen: the tools, and the daemon with a stand-in for the libraries that talk to a
 * hypervisor. Debian's packages are unpacked into the cache and never installed: their scripts would change this machine's boot.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { execa } from 'execa'
import { isRoot, unpackPackage, updatePackageLists } from './debian.js'
import { ensureInstalled } from './prerequisites.js'
import { standInSource } from './xen-stand-in.js'

const toolPackages = ['xenstore-utils', 'libxenstore4', 'libxentoolcore1']

/** The daemon's package is named after its version. */
const daemonPackages = [
  'xen-utils-4.17',
  'libxenmisc4.17',
  'libxencall1',
  'libxendevicemodel1',
  'libxenevtchn1',
  'libxenforeignmemory1',
  'libxengnttab1',
  'libxentoollog1',
]

const libraryFolder = 'usr/lib/x86_64-linux-gnu'

/** What a tool did. */
export interface ToolResult {
  readonly status: number
  readonly stdout: string
}

/** Xen's own programs, ready to be run. */
export class Xen {
  readonly #folder: string
  readonly #libraries: string

  private constructor(folder: string) {
    this.#folder = folder
    this.#libraries = join(folder, 'lib')
  }

  /** Unpacks what is missing. @returns why it cannot be had, where it cannot: another Debian has another Xen */
  static async ensure({ log }: { readonly log: (line: string) => void }): Promise<Xen | string> {
    const folder = join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'negotiator-test', 'xen')
    try {
      await ensureInstalled([{ program: 'gcc', package: 'gcc' }], { install: false, log })
      await unpackAll(folder, log)
    } catch (error) {
      return String(error)
    }
    const xen = new Xen(folder)
    await xen.#collectLibraries()
    return xen
  }

  /** Runs a tool such as `xenstore-read` on the daemon behind a socket. */
  async tool(socket: string, name: string, ...args: readonly string[]): Promise<ToolResult> {
    const { exitCode = -1, stdout } = await execa(join(this.#folder, 'xenstore-utils/usr/bin', name), args, {
      env: { XENSTORED_PATH: socket, LD_LIBRARY_PATH: this.#libraries },
      reject: false,
      timeout: 30_000,
    })
    return { status: exitCode, stdout }
  }

  /** Starts the real daemon. @returns its socket, and what ends it */
  async startDaemon(
    folder: string,
  ): Promise<{ readonly socket: string; readonly stop: () => Promise<void> }> {
    const preload = await this.#standIn(folder)
    const daemon = spawn(join(this.#folder, 'xen-utils-4.17/usr/lib/xen-4.17/bin/xenstored'), ['-N'], {
      env: {
        XENSTORED_RUNDIR: folder,
        XENSTORED_ROOTDIR: folder,
        LD_LIBRARY_PATH: this.#libraries,
        LD_PRELOAD: preload,
      },
      stdio: 'ignore',
    })
    const exited = once(daemon, 'exit')
    const socket = join(folder, 'socket')
    const stop = async (): Promise<void> => {
      daemon.kill('SIGKILL')
      await exited
    }
    for (;;) {
      const answer = await this.tool(socket, 'xenstore-list', '/')
      if (answer.status === 0) return { socket, stop }
      if (daemon.exitCode !== null) throw new Error(`Cannot run xenstored: it exited with ${daemon.exitCode}`)
    }
  }

  async #standIn(folder: string): Promise<string> {
    const [source, library] = [join(folder, 'stand-in.c'), join(folder, 'stand-in.so')]
    await writeFile(source, standInSource)
    await execa('gcc', ['-shared', '-fPIC', '-w', '-o', library, source])
    return library
  }

  /** One folder for the loader, whatever package a library came in. */
  async #collectLibraries(): Promise<void> {
    await mkdir(this.#libraries, { recursive: true })
    for (const name of [...toolPackages, ...daemonPackages]) {
      const folder = join(this.#folder, name, libraryFolder)
      const files = await readdir(folder).catch(() => [])
      for (const file of files.filter((file) => /^lib.*\.so\./.test(file)))
        await copyFile(join(folder, file), join(this.#libraries, file))
    }
  }
}

async function unpackAll(folder: string, log: (line: string) => void): Promise<void> {
  let isListUpdated = false
  for (const name of [...toolPackages, ...daemonPackages]) {
    const place = join(folder, name)
    const isThere = await access(place).then(
      () => true,
      () => false,
    )
    if (isThere) continue
    if (!isListUpdated && isRoot()) await updatePackageLists()
    isListUpdated = true
    log(`downloading ${name} into ${place} (it is not installed)`)
    await unpackPackage({ name, folder: place })
  }
}
