/**
 * The processes of this machine and what they have open, as /proc shows them.
 * Floor 8. Descriptors of other users' processes are hidden unless we are root.
 */
import { readdir, readFile, readlink, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** A running process. */
export interface RunningProcess {
  readonly id: number
  /** Its program, e.g. `socat`; of a script, that of the script, e.g. `negotiator-host`. */
  readonly program: string
  readonly argv: readonly string[]
  readonly userId: number
  /** All its groups. */
  readonly groupIds: readonly number[]
  /** Stopped by a signal or a debugger: it does nothing until it is told to go on. */
  readonly isStopped: boolean
  /** How long it has been running, in milliseconds; 0 when that cannot be told. */
  readonly ageMs: number
}

/** A process as it stands in a sentence. */
export function nameOf({ id, program }: RunningProcess): string {
  return `${program} (process ${id})`
}

/** The processes, seen once and remembered. */
export class Processes {
  readonly #procFolder: string
  #openers: Promise<ReadonlyMap<string, readonly number[]>> | undefined

  /** @param procFolder `/proc`; tests give their own */
  constructor(procFolder: string) {
    this.#procFolder = procFolder
  }

  /** @returns `undefined` when it has ended */
  async find(id: number): Promise<RunningProcess | undefined> {
    const folder = join(this.#procFolder, String(id))
    try {
      const status = await readFile(join(folder, 'status'), 'utf8')
      const argv = (await readFile(join(folder, 'cmdline'), 'utf8')).split('\0').slice(0, -1)
      return {
        id,
        program: programOf(argv) ?? statusField(status, 'Name'),
        argv,
        userId: (await stat(folder)).uid,
        groupIds: [
          statusField(status, 'Gid').split('\t')[1] ?? '',
          ...statusField(status, 'Groups').split(' '),
        ]
          .filter((text) => text !== '')
          .map(Number),
        isStopped: /^[Tt]/.test(statusField(status, 'State')),
        ageMs: await this.#ageMs(folder),
      }
    } catch {
      return undefined // It ended while we looked.
    }
  }

  /** All whose command line passes a test. */
  async having(test: (argv: readonly string[]) => boolean): Promise<readonly RunningProcess[]> {
    const found = await Promise.all((await this.#ids()).map(async (id) => await this.find(id)))
    return found.filter((process) => process !== undefined && test(process.argv)) as RunningProcess[]
  }

  /**
   * Who has a file open.
   * @param target as a link in /proc/PID/fd shows it: a path, or e.g. `socket:[4711]`
   */
  async openersOf(target: string): Promise<readonly RunningProcess[]> {
    this.#openers ??= this.#readOpeners()
    const ids = (await this.#openers).get(target) ?? []
    const found = await Promise.all(ids.map(async (id) => await this.find(id)))
    return found.filter((process) => process !== undefined)
  }

  /** Who listens on a UNIX socket, as far as we may see. */
  async listenersOn(path: string): Promise<readonly RunningProcess[]> {
    const table = await readFile(join(this.#procFolder, 'net/unix'), 'utf8').catch(() => '')
    const lines = table.split('\n').filter((line) => line.endsWith(` ${path}`))
    const listening = lines.map((line) => line.split(/\s+/)).filter((fields) => fields[3] === listeningFlag)
    const found = await Promise.all(
      listening.map(async (fields) => await this.openersOf(`socket:[${fields[6] ?? ''}]`)),
    )
    return found.flat()
  }

  async #ageMs(folder: string): Promise<number> {
    const uptime = await readFile(join(this.#procFolder, 'uptime'), 'utf8').catch(() => '0')
    const stat = await readFile(join(folder, 'stat'), 'utf8').catch(() => '')
    // The program's name, in brackets, may hold blanks.
    const startTicks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 0)
    return Math.max(0, Number.parseFloat(uptime) * 1000 - startTicks * tickMs)
  }

  async #ids(): Promise<readonly number[]> {
    const names = await readdir(this.#procFolder).catch(() => []) // Not mounted, as in some containers.
    return names.filter((name) => /^\d+$/.test(name)).map(Number)
  }

  async #readOpeners(): Promise<ReadonlyMap<string, readonly number[]>> {
    const openers = new Map<string, number[]>()
    for (const id of await this.#ids()) {
      const folder = join(this.#procFolder, String(id), 'fd')
      // A process may end while we look, and other users' descriptors are hidden.
      const names = await readdir(folder).catch(() => [])
      const targets = await Promise.all(
        names.map(async (name) => await readlink(join(folder, name)).catch(() => '')),
      )
      for (const target of new Set(targets)) openers.set(target, [...(openers.get(target) ?? []), id])
    }
    return openers
  }
}

/** In /proc/net/unix, `__SO_ACCEPTCON` of the kernel's `socket.h`. */
const listeningFlag = '00010000'

/** The kernel tells times to programs in hundredths of a second, whatever it counts in itself. */
const tickMs = 10

/** Programs whose own name says little: what they run is the first argument that is no option. */
const interpreters = /^(node|python[\d.]*|perl|ruby|bash|sh|dash)$/

function programOf(argv: readonly string[]): string | undefined {
  const [first] = argv
  if (first === undefined) return undefined
  const program = basename(first)
  const script = argv.slice(1).find((argument) => !argument.startsWith('--'))
  // Behind `-c` or `-e` there is no file but a program's text.
  if (!interpreters.test(program) || script === undefined || script.startsWith('-')) return program
  const name = basename(script).replace(/\.(js|mjs|cjs|py|pl|rb|sh)$/, '')
  return `${name} under ${program}`
}

function statusField(status: string, name: string): string {
  return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1]?.trim() ?? ''
}
