/**
 * Finds the hooks of a phase, each with its settings or with why it may not be run.
 * Floor 5. It reads the folders at each run, so a change takes effect with the next.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SystemError, systemCodeOf } from '../errors.js'
import { hooksPerPhaseMax } from './limits.js'
import type { Refusal } from '../registry/inspect.js'
import { walk } from '../registry/walk.js'
import { isScriptFile } from './hook-name.js'
import { inspectHook } from './inspect-hook.js'
import type { FoundHook } from './inspect-hook.js'
import type { Phase } from './phase.js'

/** Where hooks lie. */
export interface HookFolders {
  /** A folder in it for each phase. */
  readonly own: string
  /** Scripts of DevStack's shape, each for all phases that DevStack knows. */
  readonly scripts: string
}

interface Place {
  readonly folder: string
  readonly kind: FoundHook['kind']
}

/**
 * The hooks of a phase, in the order of their names; each name stands for one.
 * @throws {SystemError} `hooks-unreadable` for a folder that is there and cannot be read: what may veto must not be passed over
 */
export async function findHooks(phase: Phase, folders: HookFolders): Promise<readonly FoundHook[]> {
  const found = new Map<string, FoundHook>()
  for (const place of placesOf(phase, folders)) {
    const folder = walk({ from: '/', path: place.folder })
    for (const name of await namesIn(place)) {
      const hook = await inspectHook(folder, { phase, kind: place.kind, name, place: place.folder })
      // What is called like a script and lies in the phase's folder is refused, and the script must not hide that.
      if (hook !== undefined && !found.has(name)) found.set(name, hook)
    }
  }
  const inOrder = [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  return inOrder.map((hook, index) =>
    index < hooksPerPhaseMax ? hook : { ...hook, refused: hook.refused ?? tooMany },
  )
}

const tooMany: Refusal = {
  reason: `the phase has more than ${hooksPerPhaseMax} hooks; remove those that nobody needs`,
}

function placesOf(phase: Phase, { own, scripts }: HookFolders): readonly Place[] {
  const plain: Place = { folder: join(own, phase.name), kind: 'executable' }
  // DevStack knows nothing of a guest's life.
  return phase.mode === 'guest' ? [plain] : [plain, { folder: scripts, kind: 'script' }]
}

async function namesIn({ folder, kind }: Place): Promise<readonly string[]> {
  try {
    const names = (await readdir(folder)).sort()
    const isWanted = kind === 'script' ? isScriptFile : isNoBackup
    return names.filter(isWanted)
  } catch (cause) {
    const code = systemCodeOf(cause) ?? 'unknown error'
    if (code === 'ENOENT') return []
    throw new SystemError(`Cannot read the hooks in "${folder}": ${code}; mend the folder, or remove it`, {
      code: 'hooks-unreadable',
      cause,
    })
  }
}

/** What editors and packages leave, and settings, are no hooks. */
function isNoBackup(name: string): boolean {
  return !/^\.|~$|\.(?:toml|bak|dpkg-[a-z]+|rpm[a-z]+|ucf-[a-z]+)$/.test(name)
}
