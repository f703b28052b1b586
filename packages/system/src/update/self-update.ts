/**
 * `self-update`: takes a new program of this guest from standard input, and has it started after the answer.
 *
 * Nothing of it is run before its signature, size and hash are known to be right, and nothing is fetched: whoever calls brings it.
 */
import { linkSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { arch } from 'node:process'
import type { UpdateAnswer } from '@negotiator/common/system'
import { failed, missing, notAllowed } from '../failure.js'
import { replaceable } from '../files/existing-file.js'
import { openFolder, withFolder } from '../files/held-folder.js'
import type { HeldFolder } from '../files/held-folder.js'
import { NewFile, placeFile } from '../files/new-file.js'
import type { Machine } from '../machine.js'
import { tryChange } from '../run-change.js'
import { hasSystemd, runLater } from '../run-later.js'
import { isUpdating } from './last-update.js'
import { readUpdate } from './read-update.js'
import { compareVersions, isSignedBy } from './update-package.js'
import type { UpdateHead } from './update-package.js'
import { loadUpdateKeys, loadUpdateSettings } from './update-settings.js'
import type { UpdateSettings } from './update-settings.js'
import { reportPath, watchOver } from './watch-over.js'

interface WantedUpdate {
  readonly input: AsyncIterable<Uint8Array>
  /** The version that runs now. */
  readonly currentVersion: string
  readonly isDryRun: boolean
}

/** The old program's ending. */
const previousSuffix = '.previous'
/** Two minutes, when each try takes its time. */
const tryCount = 17

/** @throws {CommandFailure} when it cannot be or may not be; the old program is in its place then */
export async function selfUpdate(machine: Machine, wanted: WantedUpdate): Promise<UpdateAnswer> {
  const { input, currentVersion, isDryRun } = wanted
  const { root } = machine
  const settings = loadUpdateSettings(root)
  const head = (found: UpdateHead): void => assertWelcome(found, { root, settings, currentVersion })
  const answer = ({ manifest }: UpdateHead, backup: string | null): UpdateAnswer => ({
    version: manifest.version,
    oldVersion: currentVersion,
    isDryRun,
    backup,
  })
  if (isDryRun) return answer(await readUpdate(input, { head, program: () => undefined }), null)
  if (await isUpdating(machine))
    throw failed('Cannot take the update: another one is under way; "self-update --last" tells how it goes')
  const { program } = settings
  const folder = openFolder({ root, path: dirname(program) })
  const name = basename(program)
  try {
    if (replaceable({ folder, name }) === undefined)
      throw missing(
        `Cannot take the update: there is no "${program}"; "program" of /etc/negotiator/update.toml says where it is`,
      )
    const found = await takeProgram({ folder, name: `${name}.new`, input, head })
    await assertRuns(machine, { path: join(folder.path, `${name}.new`), version: found.manifest.version })
    exchange(folder, name)
    await planRestart(machine, { settings, folder, name, version: found.manifest.version })
    return answer(found, join(folder.path, `${name}${previousSuffix}`))
  } finally {
    rmSync(folder.at(`${name}.new`), { force: true })
    folder.close()
  }
}

function assertWelcome(
  found: UpdateHead,
  { root, settings, currentVersion }: { root: string; settings: UpdateSettings; currentVersion: string },
): void {
  if (!loadUpdateKeys(root).some(({ key }) => isSignedBy(found, key)))
    throw notAllowed(
      'Cannot take the update: none of the keys that are trusted here has signed it; nothing was changed',
    )
  const { side, version, arch: wantedArch } = found.manifest
  if (side !== 'guest')
    throw notAllowed(`Cannot take the update: it is for a ${JSON.stringify(side)}, and this is a guest`)
  if (wantedArch !== 'any' && wantedArch !== arch)
    throw notAllowed(
      `Cannot take the update: it is for ${JSON.stringify(wantedArch)}, and this machine is ${arch}`,
    )
  if (compareVersions(version, currentVersion) > 0 || settings.isDowngradeAllowed) return
  throw notAllowed(
    `Cannot take the update: it is ${version}, and ${currentVersion} runs here; "allow-downgrade" of the guest's /etc/negotiator/update.toml allows what is not newer`,
  )
}

async function takeProgram({
  folder,
  name,
  input,
  head,
}: {
  folder: HeldFolder
  name: string
  input: AsyncIterable<Uint8Array>
  head: (found: UpdateHead) => void
}): Promise<UpdateHead> {
  const file = new NewFile({ folder, name })
  try {
    const found = await readUpdate(input, { head, program: (bytes) => file.write(bytes) })
    file.place({ mode: 0o755, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 })
    return found
  } finally {
    file.drop()
  }
}

/** A program that cannot even tell its version here is of no use, and the old one still runs. */
async function assertRuns(
  machine: Machine,
  { path, version }: { path: string; version: string },
): Promise<void> {
  const result = await tryChange(machine, { tool: `${machine.root}${path}`, args: ['--version'] })
  if (result?.exitCode === 0 && result.stdout.trim() === version) return
  throw failed(
    `Cannot take the update: its program does not run here, or is not ${version}; nothing was changed`,
  )
}

/** The old program keeps its file, under another name; at no moment is there none. */
function exchange(folder: HeldFolder, name: string): void {
  rmSync(folder.at(`${name}${previousSuffix}`), { force: true })
  linkSync(folder.at(name), folder.at(`${name}${previousSuffix}`))
  renameSync(folder.at(`${name}.new`), folder.at(name))
  folder.sync()
}

async function planRestart(
  machine: Machine,
  {
    settings,
    folder,
    name,
    version,
  }: { settings: UpdateSettings; folder: HeldFolder; name: string; version: string },
): Promise<void> {
  const { root } = machine
  const program = `${root}${join(folder.path, name)}`
  const previous = `${program}${previousSuffix}`
  const restart = settings.restart ?? [
    hasSystemd(machine) ? 'systemctl' : 'supervisorctl',
    'restart',
    'negotiator-guest',
  ]
  try {
    writeReport(root, version)
    const argv = watchOver({ program, previous, report: `${root}${reportPath}`, version, restart, tryCount })
    await runLater(machine, {
      unit: 'negotiator-update',
      seconds: 1,
      argv,
      purpose: 'Cannot have the daemon restarted',
    })
  } catch (error) {
    renameSync(folder.at(`${name}${previousSuffix}`), folder.at(name))
    rmSync(`${root}${reportPath}`, { force: true })
    throw error
  }
}

function writeReport(root: string, version: string): void {
  mkdirSync(`${root}${dirname(reportPath)}`, { recursive: true })
  withFolder({ root, path: dirname(reportPath) }, (folder) => {
    const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
    const content = `${JSON.stringify({ state: 'pending', version })}\n`
    placeFile({ folder, name: basename(reportPath) }, { content, mode: 0o644, uid, gid })
  })
}
