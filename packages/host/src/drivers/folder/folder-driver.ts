/**
 * Guests whose sockets lie as `DIR/GUEST/CHANNEL.sock`: plain QEMU started by scripts, containers, tests.
 */
import { dirname } from 'node:path'
import { watch } from 'chokidar'
import type { Log } from '@negotiator/common'
import { readSocketFolder, sentenceOf, SystemError, systemCodeOf } from '@negotiator/common'
import type { Driver } from '../driver.js'

/** A machine that is being started makes both its sockets in one go: they are told as one change. */
const settleMs = 50

/** @param options the `folder` with a folder for each guest; it may appear later */
export function createFolderDriver({ folder, log }: { folder: string; log: Log }): Driver {
  return {
    name: `folder:${folder}`,
    list: async () => {
      try {
        return await readSocketFolder(folder)
      } catch (cause) {
        const code = systemCodeOf(cause)
        const why = code === 'ENOENT' ? 'it does not exist; create it, or change "drivers" in the configuration' : (code ?? 'unknown error')
        throw new SystemError(`Cannot look for guests in "${folder}": ${why}`, { code: 'guest-folder-unreadable', cause })
      }
    },
    watch: async (onChange) => await watchFolder({ folder, log, onChange }),
  }
}

async function watchFolder({
  folder,
  log,
  onChange,
}: {
  folder: string
  log: Log
  onChange: () => void
}): Promise<() => Promise<void>> {
  let timer: NodeJS.Timeout | undefined
  const tellSoon = (): void => {
    clearTimeout(timer)
    timer = setTimeout(onChange, settleMs)
  }
  const watcher = watch(folder, { depth: 1, ignoreInitial: true })
  // A folder that is missing, or is removed and made anew, is seen through its parent.
  const parent = watch(dirname(folder), { depth: 0, ignoreInitial: true })
  parent.on('addDir', (path) => {
    if (path !== folder) return
    watcher.add(folder)
    tellSoon()
  })
  watcher.on('all', tellSoon)
  for (const each of [watcher, parent]) {
    each.on('error', (error) => log.warn('Cannot watch a folder of guests', { folder, reason: sentenceOf(error) }))
    await new Promise<void>((resolve) => each.once('ready', resolve))
  }
  return async () => {
    clearTimeout(timer)
    await Promise.all([watcher.close(), parent.close()])
  }
}
