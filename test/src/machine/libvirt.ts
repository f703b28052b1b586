/**
 * A libvirt of a test's own: a real libvirtd, run as root, whose files nobody else sees.
 *
 * It and its machines live in a mount and a process namespace. There its configuration, state and sockets lie where
 * libvirt always has them, in memory; the machine's own libvirt, should it have one, is not touched. Whatever ends the
 * test ends the namespace, and with it libvirtd and every QEMU.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { installPackages, isRoot, updatePackageLists } from './debian.js'
import { findProgram } from './prerequisites.js'

/** What a program said. */
export interface ProgramResult {
  readonly stdout: string
  readonly stderr: string
  readonly status: number
}

interface LibvirtOptions {
  /** Is told each thing that takes long. */
  readonly log: (line: string) => void
  /** Folders of this machine of which there is a copy inside: what is changed there stays there. None unless told. */
  readonly copiedFolders?: readonly string[]
  /** Folders that are empty inside. None unless told. */
  readonly emptyFolders?: readonly string[]
}

/** The Debian package that brings each program; the driver for QEMU comes with the daemon. */
const packages = { libvirtd: 'libvirt-daemon', virsh: 'libvirt-clients' } as const

const ownFolders = ['/etc/libvirt', '/var/lib/libvirt', '/var/log/libvirt', '/var/cache/libvirt']

/** There may be no control groups and no AppArmor where a test runs. */
const qemuConf = `security_driver = "none"
user = "root"
group = "root"
cgroup_controllers = []
namespaces = []
remember_owner = 0
stdio_handler = "file"
`

const libvirtdConf = `auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_group = "root"
log_outputs = "2:file:/var/log/libvirt/libvirtd.log"
`

/**
 * The first process: it must wait for the orphans of libvirtd, which else takes each QEMU that ended for a living one.
 * libvirt wants its user to exist even where it is told to use another, and only a package that we do not need makes it.
 * Its arguments are the copied folders, a `--`, and the empty ones.
 */
const firstProcess = `set -e
mount --make-rprivate /
mount -t tmpfs -o mode=0755 negotiator-test /run
mkdir /run/negotiator-test
while [ "$1" != -- ]; do
  changes=/run/negotiator-test/$#
  mkdir -p $changes/upper $changes/work
  mount -t overlay -o "lowerdir=$1,upperdir=$changes/upper,workdir=$changes/work" negotiator-test "$1"
  shift
done
shift
for folder in ${ownFolders.join(' ')} "$@"; do
  mkdir -p "$folder"
  mount -t tmpfs -o mode=0755 negotiator-test "$folder"
done
for file in passwd group; do
  cp /etc/$file /run/negotiator-test/$file
  mount --bind /run/negotiator-test/$file /etc/$file
done
getent passwd libvirt-qemu >/dev/null || echo 'libvirt-qemu:x:64055:64055::/nonexistent:/usr/sbin/nologin' >>/etc/passwd
getent group libvirt-qemu >/dev/null || echo 'libvirt-qemu:x:64055:' >>/etc/group
mount -t proc proc /proc
mkdir -p /etc/libvirt/hooks /run/lock
cat >/etc/libvirt/qemu.conf <<'END'
${qemuConf}END
cat >/etc/libvirt/libvirtd.conf <<'END'
${libvirtdConf}END
echo ready
set +e
sleep infinity & wait
`

const dieWithUs = ['--pdeathsig', 'KILL', '--']
/** What programs beside libvirtd are given, and nothing else. */
const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }

/** A libvirtd and its machines. */
export class TestLibvirt {
  /** A folder that lies at the same place inside and outside. */
  readonly folder: string
  readonly #first: ChildProcess
  readonly #firstId: number

  private constructor({ folder, first, firstId }: { folder: string; first: ChildProcess; firstId: number }) {
    this.folder = folder
    this.#first = first
    this.#firstId = firstId
  }

  /** @throws Error saying what is missing, or in libvirtd's own words why it does not start */
  static async start(options: LibvirtOptions): Promise<TestLibvirt> {
    const { copiedFolders = [], emptyFolders = [] } = options
    await ensureLibvirt(options)
    const folder = await mkdtemp(join(tmpdir(), 'nl-'))
    const shell = ['sh', '-c', firstProcess, 'sh', ...copiedFolders, '--', ...emptyFolders]
    const unshared = ['--mount', '--pid', '--fork', '--kill-child', ...shell]
    const first = spawn('setpriv', [...dieWithUs, 'unshare', ...unshared], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    try {
      await isReady(first)
      const children = await readFile(`/proc/${first.pid}/task/${first.pid}/children`, 'utf8')
      const libvirt = new TestLibvirt({ folder, first, firstId: Number(children.trim()) })
      await libvirt.startLibvirtd()
      return libvirt
    } catch (error) {
      first.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
      throw error
    }
  }

  /** What to put before a program to run it beside libvirtd: the program is then its child. */
  get launcher(): readonly string[] {
    return ['nsenter', '--target', `${this.#firstId}`, '--mount', '--pid', '--']
  }

  /** The connection for programs outside; inside it is `qemu:///system`. */
  get uri(): string {
    return `qemu:///system?socket=/proc/${this.#firstId}/root/run/libvirt/libvirt-sock`
  }

  /** Runs a program beside libvirtd. */
  async run(program: string, args: readonly string[]): Promise<ProgramResult> {
    const [launcher = '', ...namespaces] = this.launcher
    const { stdout, stderr, exitCode } = await execa(launcher, [...namespaces, program, ...args], {
      env: environment,
      extendEnv: false,
      reject: false,
      stripFinalNewline: false,
    })
    return { stdout, stderr, status: exitCode ?? -1 }
  }

  /** Runs virsh. @throws Error with its words when it fails */
  async virsh(...args: readonly string[]): Promise<string> {
    const { stdout, stderr, status } = await this.run('virsh', ['--quiet', ...args])
    if (status !== 0) throw new Error(`Cannot virsh ${args.join(' ')}: ${stderr.trim()}`)
    return stdout
  }

  /** Writes XML where virsh can read it. @returns the file's path */
  async xmlFile(xml: string): Promise<string> {
    const path = join(this.folder, `${crypto.randomUUID()}.xml`)
    await writeFile(path, xml)
    return path
  }

  /** Defines a domain, or defines it anew. */
  async define(xml: string): Promise<void> {
    await this.virsh('define', await this.xmlFile(xml))
  }

  /** Puts an executable where libvirt looks for hooks; libvirtd sees it when it is started next. */
  async addHook(name: string, script: string): Promise<void> {
    const file = join(this.folder, 'hook')
    await writeFile(file, script)
    await this.run('install', ['-D', '--mode=755', file, `/etc/libvirt/hooks/${name}`])
  }

  /** Starts libvirtd, and waits until it answers; its machines may be running. */
  async startLibvirtd(): Promise<void> {
    const { status, stderr } = await this.run('libvirtd', ['--daemon', '--pid-file', '/run/libvirtd.pid'])
    if (status !== 0) throw new Error(`Cannot start libvirtd: ${stderr.trim()}`)
    const answer = await this.run('virsh', ['--quiet', 'list'])
    if (answer.status !== 0)
      throw new Error(`libvirtd started, but does not answer: ${answer.stderr.trim()}\n${await this.log()}`)
  }

  /** Stops libvirtd, and only it. */
  async stopLibvirtd(): Promise<void> {
    await this.run('sh', [
      '-c',
      'id=$(cat /run/libvirtd.pid); kill $id; while kill -0 $id; do sleep 0.02; done',
    ])
  }

  /** What libvirtd has logged: show it when a test fails. */
  async log(): Promise<string> {
    return (await this.run('cat', ['/var/log/libvirt/libvirtd.log'])).stdout
  }

  /** Ends libvirtd, its machines and all that else runs there. */
  async close(): Promise<void> {
    if (this.#first.exitCode === null && this.#first.signalCode === null) {
      const ended = once(this.#first, 'exit')
      process.kill(this.#firstId, 'SIGKILL')
      await ended
    }
    await rm(this.folder, { recursive: true, force: true })
  }
}

async function ensureLibvirt({ log }: LibvirtOptions): Promise<void> {
  if (!isRoot()) throw new Error('Cannot run a libvirt of our own: only root may; run the tests as root')
  const missing = await missingPackages()
  if (missing.length === 0) return
  log(`installing ${missing.join(' ')}`)
  await updatePackageLists()
  await installPackages(missing)
}

async function missingPackages(): Promise<readonly string[]> {
  const isMissing = async (program: string): Promise<boolean> => (await findProgram(program)) === undefined
  return [
    ...((await isMissing('libvirtd')) ? [packages.libvirtd] : []),
    ...((await isMissing('virsh')) ? [packages.virsh] : []),
  ]
}

async function isReady(first: ChildProcess): Promise<void> {
  const { stdout, stderr } = first
  if (stdout === null || stderr === null) throw new Error('Cannot start a libvirt: no pipes')
  let complaint = ''
  stderr.on('data', (bytes: Buffer) => (complaint += bytes.toString()))
  const lines = createInterface({ input: stdout })
  const outcomes: Promise<unknown[]>[] = [once(lines, 'line'), once(first, 'exit').then(() => [complaint])]
  const [line] = await Promise.race(outcomes)
  if (line !== 'ready')
    throw new Error(
      `Cannot give libvirt namespaces of its own: ${complaint.trim()}; a container has to be privileged for that`,
    )
}
