/**
 * The C functions behind posix-spawn.ts, and the numbers and buffers that they take.
 * Floor 4. All that it opens is closed when a program is started, but the three descriptors that are passed on.
 */
import { constants } from 'node:os'
import type { Koffi } from '../native/koffi.js'
import type { ProcessStart } from './started-process.js'

/** From <spawn.h>: all signals as in a fresh process, none blocked, a session of its own. */
const POSIX_SPAWN_SETSIGDEF = 0x04
const POSIX_SPAWN_SETSIGMASK = 0x08
const POSIX_SPAWN_SETSID = 0x80

const O_RDONLY = 0
const O_CLOEXEC = 0o2000000

/** The same number on all processors. */
const SYS_pidfd_open = 434

/** More than any C library's `posix_spawnattr_t`, `posix_spawn_file_actions_t` and `sigset_t` take. */
const structBytes = 1024

/** A pipe's two ends. */
export interface Pipe {
  readonly reading: number
  readonly writing: number
}

/** A spawned process. */
export interface Spawned {
  readonly id: number
  /** Calls `onEnd` once, when it has ended and waits to be asked how. */
  readonly watch: (onEnd: () => void) => void
}

/** What posix-spawn.ts needs of the C library. */
export interface SpawnCalls {
  /** `undefined` when no descriptors are left. */
  readonly pipe: () => Pipe | undefined
  /** An empty standard input. */
  readonly openNull: () => number | undefined
  readonly close: (descriptor: number) => void
  /** @param descriptors what its standard descriptors shall be, in order. @returns an `errno` when it did not start */
  readonly spawn: (
    start: ProcessStart,
    descriptors: readonly number[],
  ) => Spawned | { readonly error: number }
  /** Asks how a process has ended. @returns its status, as wait(2) has it */
  readonly wait: (id: number) => number
}

/** @throws when one of them is missing */
export function openSpawnCalls(koffi: Koffi): SpawnCalls {
  const library = koffi.load(null)
  const close: (descriptor: number) => number = library.func('int close(int fd)')
  const open: (path: string, flags: number) => number = library.func('int open(const char *path, int flags)')
  const pipe2: (ends: number[], flags: number) => number = library.func(
    'int pipe2(_Out_ int *ends, int flags)',
  )
  const waitpid: (id: number, status: number[], options: number) => number = library.func(
    'int waitpid(int id, _Out_ int *status, int options)',
  )
  const syscall: (number: number, id: number, flags: number) => number | bigint = library.func(
    'long syscall(long number, int id, unsigned int flags)',
  )
  const posixSpawn: PosixSpawn = library.func(
    'int posix_spawn(_Out_ int *id, const char *path, void *actions, void *attributes, const char **words, const char **environment)',
  )
  const openEnd = (id: number): number => Number(syscall(SYS_pidfd_open, id, 0))
  const probe = openEnd(process.pid)
  if (probe < 0) throw new Error('Cannot watch processes: the kernel has no pidfd_open(2)')
  close(probe)
  const attributes = openAttributes(library)
  const actionsFor = openActions(library)

  return {
    close,
    pipe: () => {
      const ends = [-1, -1]
      const [reading = -1, writing = -1] = pipe2(ends, O_CLOEXEC) === 0 ? ends : []
      return reading < 0 ? undefined : { reading, writing }
    },
    openNull: () => {
      const descriptor = open('/dev/null', O_RDONLY | O_CLOEXEC)
      return descriptor < 0 ? undefined : descriptor
    },
    spawn: ({ words, environment, folder }, descriptors) => {
      // Held until the process has one of its own: one that runs and cannot be watched would be worse than none.
      const reserved = openEnd(process.pid)
      if (reserved < 0) return { error: constants.errno.EMFILE }
      const ids = [0]
      const { actions, destroy } = actionsFor(descriptors, folder)
      const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
      const error = posixSpawn(ids, words[0], actions, attributes, [...words, null], [...variables, null])
      destroy()
      close(reserved)
      const [id = 0] = ids
      if (error !== 0) return { error }
      const end = openEnd(id)
      if (end < 0) {
        process.kill(-id, 'SIGKILL')
        waitpid(id, [0], 0)
        return { error: constants.errno.EMFILE }
      }
      const watch = (onEnd: () => void): void => {
        const poll = koffi.node.poll(end, { readable: true }, () => {
          poll.close()
          close(end)
          onEnd()
        })
      }
      return { id, watch }
    },
    wait: (id) => {
      const status = [0]
      waitpid(id, status, 0)
      return status[0] ?? 0
    },
  }
}

/** `posix_spawn(id, path, actions, attributes, words, environment)`. */
type PosixSpawn = (
  ...parameters: [
    id: number[],
    path: string,
    actions: Buffer,
    attributes: Buffer,
    words: readonly (string | null)[],
    environment: readonly (string | null)[],
  ]
) => number

type Library = ReturnType<Koffi['load']>

/** The same for all processes. */
function openAttributes(library: Library): Buffer {
  const attributes = Buffer.alloc(structBytes)
  const [all, none] = [Buffer.alloc(structBytes), Buffer.alloc(structBytes)]
  library.func('int sigfillset(void *set)')(all)
  library.func('int sigemptyset(void *set)')(none)
  library.func('int posix_spawnattr_init(void *attributes)')(attributes)
  const flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID
  library.func('int posix_spawnattr_setflags(void *attributes, short flags)')(attributes, flags)
  library.func('int posix_spawnattr_setsigdefault(void *attributes, void *set)')(attributes, all)
  library.func('int posix_spawnattr_setsigmask(void *attributes, void *set)')(attributes, none)
  return attributes
}

type ActionsFor = (
  descriptors: readonly number[],
  folder: string,
) => { readonly actions: Buffer; readonly destroy: () => void }

/** What happens in the process before its program: its standard descriptors and its folder. */
function openActions(library: Library): ActionsFor {
  const init: (actions: Buffer) => number = library.func('int posix_spawn_file_actions_init(void *actions)')
  const duplicate: (actions: Buffer, from: number, to: number) => number = library.func(
    'int posix_spawn_file_actions_adddup2(void *actions, int from, int to)',
  )
  const changeFolder: (actions: Buffer, path: string) => number = library.func(
    'int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)',
  )
  const destroy: (actions: Buffer) => number = library.func(
    'int posix_spawn_file_actions_destroy(void *actions)',
  )
  const closeFrom = closeFromIn(library)
  return (descriptors, folder) => {
    const actions = Buffer.alloc(structBytes)
    init(actions)
    descriptors.forEach((descriptor, standard) => duplicate(actions, descriptor, standard))
    closeFrom(actions, descriptors.length)
    changeFolder(actions, folder)
    return { actions, destroy: () => void destroy(actions) }
  }
}

/** What the daemon was started with and nobody has marked is not for commands. The C library has it since glibc 2.34. */
function closeFromIn(library: Library): (actions: Buffer, from: number) => void {
  try {
    return library.func('int posix_spawn_file_actions_addclosefrom_np(void *actions, int from)')
  } catch {
    return () => undefined
  }
}
