/**
 * Where a tool is on this machine, in the folders that every command has in its PATH.
 */
import { access, constants } from 'node:fs/promises'
import type { Machine } from '../machine.js'

const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** @returns its whole path, with the machine's root; `undefined` when it is not there */
export async function findTool({ root }: Machine, name: string): Promise<string | undefined> {
  for (const folder of folders) {
    const path = `${root}${folder}/${name}`
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path
  }
  return undefined
}

export async function hasTool(machine: Machine, name: string): Promise<boolean> {
  return (await findTool(machine, name)) !== undefined
}
