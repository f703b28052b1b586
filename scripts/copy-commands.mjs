// Puts the shipped commands of one side into its package's dist/commands/, beside the bundle; a guest's are joined by the system commands,
// which packages/system builds.
// A checkout made under a loose umask is group-writable, and the daemon refuses what others may write.

import { chmod, cp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

const source = join(import.meta.dirname, '../commands')
const systemCommands = join(import.meta.dirname, '../packages/system/dist/commands')

/** @param {{ folder: string, sides: string[] }} options the package's folder and which commands it ships */
export async function copyCommands({ folder, sides }) {
  const target = join(folder, 'dist/commands')
  await rm(target, { recursive: true, force: true })
  for (const side of sides) {
    await cp(join(source, side), join(target, side), {
      recursive: true,
      filter: (path) => !path.endsWith('.gitkeep'),
    })
    if (side === 'guest') await cp(systemCommands, join(target, side), { recursive: true })
    await chmod(join(target, side), 0o755)
    for (const name of await readdir(join(target, side))) await chmod(join(target, side, name), 0o755)
  }
}
