/**
 * Who puts the earlier network back when nobody confirms: a process of its own, which outlives the call, its connection and
 * the daemon, and a unit for a machine that is started anew meanwhile.
 */
import { access, mkdir, rm, symlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CommandFailure, exitFailed } from '../failure.js'
import type { Machine } from '../machine.js'
import { changeFolder, startUnit } from './scripts.js'
import { hasTool } from './tool-search.js'
import { writeWhole } from './write-whole.js'

const unitName = 'negotiator-network-roll-back.service'
const unitPath = `/etc/systemd/system/${unitName}`
const wantedPath = `/etc/systemd/system/sysinit.target.wants/${unitName}`

/** What is there for a machine that starts, while a change is pending. */
export const startPaths: readonly string[] = [unitPath, wantedPath]

/**
 * Starts both; the change must be pending.
 *
 * @throws CommandFailure when there is no watchdog then: the network must not be changed without
 */
export async function startWatchdog(machine: Machine, signal: AbortSignal): Promise<void> {
  const script = `${machine.root}${changeFolder}/watch.sh`
  // Its tools may be there although something else runs the machine; see sd_booted(3).
  const isSystemd = (await hasTool(machine, 'systemd-run')) && (await isThere(machine, '/run/systemd/system'))
  if (isSystemd) await placeStartUnit(machine)
  // A child of the daemon's would end with the daemon's unit, in whatever session it is.
  const [file, args] = isSystemd
    ? ([
        'systemd-run',
        [
          '--quiet',
          '--collect',
          '--description=Rolls the network back unless it is confirmed',
          '/bin/sh',
          script,
        ],
      ] as const)
    : (['sh', ['-c', 'setsid /bin/sh "$0" </dev/null >/dev/null 2>&1 &', script]] as const)
  const told = await machine.run(file, args, { signal })
  if (told?.exitCode === 0) return
  throw new CommandFailure(
    `Cannot apply the network: the watchdog that would roll it back cannot be started, so nothing was changed: ${told?.stderr.trim() ?? `there is no ${file}`}`,
    exitFailed,
  )
}

async function placeStartUnit({ root }: Machine): Promise<void> {
  await writeWhole(root + unitPath, { text: startUnit({ folder: changeFolder }), mode: 0o644 })
  await mkdir(dirname(root + wantedPath), { recursive: true })
  await rm(root + wantedPath, { force: true })
  await symlink(unitPath, root + wantedPath)
}

/** For a change that is confirmed; the script of a roll back does the same. */
export async function removeStartUnit({ root }: Machine): Promise<void> {
  for (const path of startPaths) await rm(root + path, { force: true })
}

async function isThere({ root }: Machine, path: string): Promise<boolean> {
  return await access(root + path).then(
    () => true,
    () => false,
  )
}
