/**
 * Check: which files in the command folders are not run, and why?
 * Floor 8.
 */
import { constants } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { sentenceOf, SystemError, systemCodeOf } from '../errors.js'
import { inspectCommand } from '../registry/inspect.js'
import { scanFolders } from '../registry/scan.js'
import type { Check } from './examine.js'
import type { Finding } from './finding.js'
import type { Scene } from './scene.js'
import { shellWord } from './shell-word.js'

interface Refused {
  readonly path: string
  readonly reason: string
}

/** Looks at the command folders of this machine. */
export const commandsCheck: Check<Scene> = { name: 'commands', look }

async function look(scene: Scene): Promise<readonly Finding[]> {
  const folders = scene.config['command-folders']
  const looked = await Promise.all(folders.map(lookAtFolder))
  const unsafe = looked.filter(({ unsafe }) => unsafe !== undefined).map(({ folder }) => folder)
  try {
    const { commands, refused } = await scanFolders(folders)
    const told = await withDaemonsView(scene, refused)
    const files = told.filter(({ path }) => !unsafe.includes(dirname(path)))
    return [
      ...looked.flatMap(({ finding }) => finding ?? []),
      ...(await Promise.all(files.map(refusedFile))),
      ...(commands.size === 0 ? [] : [countFinding(commands.size)]),
    ]
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    return [unreadable(sentenceOf(error))]
  }
}

/**
 * Another user sees other owners and other rights than the daemon does, so of a daemon of another user its own view counts.
 * Whoever is the same user looks for himself, which is never late; where the shipped commands are the daemon knows.
 */
async function withDaemonsView(
  { daemon, processes, config }: Scene,
  refused: readonly Refused[],
): Promise<readonly Refused[]> {
  if (daemon.kind !== 'answers') return refused
  const daemonProcess = await processes.find(daemon.status.processId)
  if (daemonProcess?.userId !== process.geteuid?.()) return daemon.status.refused
  const shipped = daemon.status.refused.filter(
    ({ path }) => !config['command-folders'].includes(dirname(path)),
  )
  const inspected = await Promise.all(
    shipped.map(async ({ path }) => await inspectCommand({ folder: dirname(path), name: basename(path) })),
  )
  return [...refused, ...inspected.flatMap((now) => ('refused' in now ? [now.refused] : []))]
}

interface LookedAtFolder {
  readonly folder: string
  readonly unsafe?: true
  readonly finding?: Finding
}

const othersMayWrite = constants.S_IWGRP | constants.S_IWOTH

async function lookAtFolder(folder: string): Promise<LookedAtFolder> {
  const stats = await stat(folder).catch((error: unknown) => systemCodeOf(error))
  if (stats === 'ENOENT') return { folder, finding: missingFolder(folder) }
  // What cannot be looked at is told by whoever reads it.
  if (stats === undefined || typeof stats === 'string') return { folder }
  const isOpen = (stats.mode & othersMayWrite) !== 0
  const isForeign = stats.uid !== 0 && stats.uid !== process.geteuid?.()
  if (!isOpen && !isForeign) return { folder }
  const found = isOpen
    ? `others than its owner may write to the command folder "${folder}"`
    : `the command folder "${folder}" belongs to user ${stats.uid}`
  return {
    folder,
    unsafe: true,
    finding: {
      severity: 'warning',
      code: 'command-folder-unsafe',
      found,
      why: 'Whoever may write there decides what the daemon runs, so no command in it is run.',
      mend: `${isOpen ? 'chmod go-w' : 'chown root'} ${shellWord(folder)}`,
    },
  }
}

function missingFolder(folder: string): Finding {
  return {
    severity: 'note',
    code: 'command-folder-missing',
    found: `the command folder "${folder}" does not exist`,
    why: 'It is where your own commands go; without it only the others can be called.',
    mend: `mkdir -p -m 755 ${shellWord(folder)}`,
  }
}

async function refusedFile({ path, reason }: Refused): Promise<Finding> {
  return {
    severity: 'warning',
    code: 'command-refused',
    found: `the command "${path}" is not run: ${reason.replace(/;[^;]*$/, '')}`,
    why: 'Calls to it are answered "failed-to-start", and it is not listed.',
    mend: await mendOf({ path, reason }),
  }
}

/** The line that removes the reason. @see registry/inspect.ts, which gives the reasons */
async function mendOf({ path, reason }: Refused): Promise<string> {
  const real = await realpath(path).catch(() => path)
  const target = reason.startsWith('its folder') ? dirname(real) : real
  if (reason.includes('chmod go-w')) return `chmod go-w ${shellWord(target)}`
  if (reason.includes('chmod +x')) return `chmod +x ${shellWord(real)}`
  if (reason.includes('chown')) return `chown root ${shellWord(target)}`
  return `Replace or remove it: ls -l ${shellWord(path)}`
}

function unreadable(reason: string): Finding {
  return {
    severity: 'warning',
    code: 'command-folder-unreadable',
    found: reason,
    why: 'The daemon does not start when it cannot read a command folder.',
    mend: 'Make it readable for the user that the daemon runs as, or take it out of "command-folders".',
  }
}

function countFinding(count: number): Finding {
  return { severity: 'ok', found: `${count} command${count === 1 ? '' : 's'} of your own can be called here` }
}
