/**
 * The place of a daemon's socket: its folder, what is there already, and who may connect.
 * Floor 7. Whoever can write to the folder could put a socket of their own there and be taken for the daemon, so such a
 * folder is refused, and a link is never followed.
 */
import { constants } from 'node:fs'
import { chmod, lchown, lstat, mkdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { connectSocket } from '../channel/socket-channel.js'
import { SystemError, systemCodeOf } from '../errors.js'
import type { Log } from '../log.js'

/** The group whose members may call, if the machine has it. */
const groupName = 'negotiator'

/** The socket's mode when it is made: for its owner alone, whoever else may follow. */
export const firstUmask = 0o177

/** The mode that lets its group in. */
const groupMode = 0o660

/** A socket's place. */
export interface Place {
  readonly path: string
  /** What it is, for people. */
  readonly what: 'control socket' | 'metrics socket'
}

/**
 * Makes the folder, if it is not there, and removes the socket of a dead daemon.
 * @throws {SystemError} `already-running`, `socket-failed`
 */
export async function clearPlace(place: Place): Promise<void> {
  try {
    await makeFolder(place)
    await removeStale(place)
  } catch (cause) {
    throw cause instanceof SystemError ? cause : listenError(place, cause)
  }
}

/** /run is empty after each boot, and supervisord makes no folders. */
async function makeFolder(place: Place): Promise<void> {
  const { path } = place
  const folder = dirname(path)
  // Whatever the umask is, members of the group must get through.
  if ((await mkdir(folder, { recursive: true, mode: 0o755 })) !== undefined) await chmod(folder, 0o755)
  const { mode, uid } = await stat(folder)
  if ((mode & (constants.S_IWGRP | constants.S_IWOTH)) !== 0)
    throw failure(
      place,
      `others than its owner may write to "${folder}", and could take its place; chmod go-w that folder`,
    )
  if (uid !== 0 && uid !== process.geteuid?.())
    throw failure(place, `"${folder}" is owned by user ${uid}, who could take its place; chown it to root`)
}

async function removeStale(place: Place): Promise<void> {
  const { path } = place
  const stats = await lstat(path).catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  })
  if (stats === undefined) return
  if (stats.isSymbolicLink())
    throw failure(place, 'a symbolic link is there, and the daemon follows none; remove it')
  if (!stats.isSocket()) throw failure(place, 'something else is there that is no socket; move it away')
  if (await isAnswered(place)) {
    throw new SystemError(`Cannot start the daemon: another one answers on "${path}"; stop that one first`, {
      code: 'already-running',
    })
  }
  await rm(path, { force: true }) // A dead daemon's.
}

async function isAnswered(place: Place): Promise<boolean> {
  const { path } = place
  try {
    const channel = await connectSocket({ path })
    channel.start({ bytes: () => undefined, drained: () => undefined, closed: () => undefined })
    channel.close()
    return true
  } catch (error) {
    const code = error instanceof SystemError ? error.code : undefined
    if (code === 'socket-missing' || code === 'socket-refused') return false
    if (code === 'socket-busy') return true // So many programs are waiting to be let in.
    throw listenError(place, error instanceof SystemError ? error.cause : error)
  }
}

/**
 * Lets the group in, once the socket is the group's; where there is no such group it stays its owner's alone.
 * The path cannot have become another file: only its owner writes to the folder.
 */
export async function letGroupIn({
  path,
  what,
  log,
  groupFile = '/etc/group',
}: Place & {
  readonly log: Log
  readonly groupFile?: string | undefined
}): Promise<void> {
  const groups = await readFile(groupFile, 'utf8').catch(() => '')
  const id = groups
    .split('\n')
    .find((line) => line.startsWith(`${groupName}:`))
    ?.split(':')[2]
  if (id === undefined) return
  try {
    await lchown(path, process.geteuid?.() ?? 0, Number(id))
    await chmod(path, groupMode)
  } catch (error) {
    log.warn(`Cannot give the ${what} to its group; only its owner may call`, {
      group: groupName,
      error: systemCodeOf(error),
    })
  }
}

/** The sentence for what the system did not let us do. */
export function listenError(place: Place, cause: unknown): SystemError {
  const code = systemCodeOf(cause)
  const why =
    code === 'EACCES'
      ? 'permission denied; run as root, or choose another folder with --root'
      : (code ?? 'unknown error')
  return failure(place, why, cause)
}

function failure({ path, what }: Place, why: string, cause?: unknown): SystemError {
  return new SystemError(`Cannot listen on the ${what} "${path}": ${why}`, {
    code: 'socket-failed',
    cause,
  })
}
