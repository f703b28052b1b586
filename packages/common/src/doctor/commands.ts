/**
 * Check: which files in the command folders are not run, and why?
 * Floor 8.
 */
import { constants } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { sentenceOf, SystemError, systemCodeOf } from '../errors.js'
import { commandNameOf, moduleEnding } from '../registry/command.js'
import { inspectCommand } from '../registry/inspect.js'
import { scanFolders } from '../registry/scan.js'
import type { RefusedCommand } from './daemon-answer.js'
import type { Check } from './examine.js'
import type { Finding } from './finding.js'
import type { Scene } from './scene.js'
import { shellWord } from '../shell-word.js'

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
      ...(await Promise.all(byCulprit(files).map(refusedFiles))),
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
  refused: readonly RefusedCommand[],
): Promise<readonly RefusedCommand[]> {
  if (daemon.kind !== 'answers') return refused
  const daemonProcess = await processes.find(daemon.status.processId)
  if (daemonProcess?.userId !== process.geteuid?.()) return daemon.status.refused
  const shipped = daemon.status.refused.filter(
    ({ path }) => !config['command-folders'].includes(dirname(path)),
  )
  const inspected = await Promise.all(
    shipped.map(async ({ path }) => {
      const name = commandNameOf(basename(path)) ?? basename(path)
      return await inspectCommand({ folder: dirname(path), name })
    }),
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

type RefusedTogether = readonly [RefusedCommand, ...RefusedCommand[]]

/** What one fault keeps from being run is told once, however many there are: a folder on the way concerns all commands in it. */
function byCulprit(files: readonly RefusedCommand[]): readonly RefusedTogether[] {
  const groups = new Map<string, RefusedTogether>()
  for (const file of files) {
    const key = `${file.culprit ?? file.path}\n${file.reason}`
    const group = groups.get(key)
    groups.set(key, group === undefined ? [file] : [...group, file])
  }
  return [...groups.values()]
}

async function refusedFiles(files: RefusedTogether): Promise<Finding> {
  const [first] = files
  const commands =
    files.length === 1
      ? `the command "${first.path}" is not run`
      : `${files.length} commands, such as "${first.path}", are not run`
  return {
    severity: 'warning',
    code: 'command-refused',
    found: `${commands}: ${first.reason.replace(mendPattern, '')}`,
    why: 'Calls to it are answered "failed-to-start", and it is not listed.',
    mend: await mendOf(first),
  }
}

/** What a reason says to do; here it is told with the path. */
const mendPattern = /; (?:chmod|chown|remove) [^;]*$/

/** The line that removes the reason. @see registry/safety.ts and registry/inspect.ts, which give the reasons */
async function mendOf({ path, reason, culprit }: RefusedCommand): Promise<string> {
  const target = shellWord(culprit ?? (await realpath(path).catch(() => path)))
  if (reason.includes('chmod go-w')) return `chmod go-w ${target}`
  if (reason.includes('chmod +x')) return `chmod +x ${target}`
  // Of a link it is the link's own owner that counts.
  if (reason.includes('chown'))
    return `chown ${reason.includes('link on the way') ? '-h ' : ''}root ${target}`
  if (reason.endsWith('remove one'))
    return `rm ${shellWord(`${path}${moduleEnding}`)}    # or rm ${shellWord(path)}`
  if (culprit !== undefined)
    return `Correct its settings as commands/README.md says, or remove them: ${target}`
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
