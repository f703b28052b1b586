// Puts the shipped policy of one side into its package's dist/policy/, beside the bundle.
// A checkout made under a loose umask is group-writable, and the daemon refuses what others may write.

import { chmod, cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

const name = '90-default.policy'

/** @param {{ folder: string, side: string }} options the package's folder and whose policy it ships */
export async function copyPolicy({ folder, side }) {
  const target = join(folder, 'dist/policy')
  await rm(target, { recursive: true, force: true })
  await mkdir(target, { recursive: true })
  await chmod(target, 0o755)
  await cp(join(import.meta.dirname, '../policy', side, name), join(target, name))
  await chmod(join(target, name), 0o644)
}
