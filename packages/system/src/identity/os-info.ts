/**
 * `os-info`: which system this is, from os-release(5) and the kernel.
 */
import type { OsInfo } from '@negotiator/common/system'
import type { SystemCommand } from '../command.js'
import { missing } from '../failure.js'
import { readText, readWord } from '../files.js'
import type { Machine } from '../machine.js'
import { parseOsRelease } from './os-release.js'

export const command: SystemCommand = {
  name: 'os-info',
  run: async ({ machine }) => {
    const info = await readOsInfo(machine)
    const { distribution, version, codename, kernel, architecture } = info
    const system = [distribution ?? 'unknown distribution', version, codename && `(${codename})`]
    const lines = [system.filter((word) => word !== null).join(' '), `Linux ${kernel} ${architecture}`]
    return { json: info, lines }
  },
}

async function readOsInfo(machine: Machine): Promise<OsInfo> {
  const kernel = await readWord(machine, '/proc/sys/kernel/osrelease')
  if (kernel === undefined)
    throw missing('Cannot tell the system: /proc/sys/kernel/osrelease cannot be read; mount /proc')
  const text =
    (await readText(machine, '/etc/os-release')) ?? (await readText(machine, '/usr/lib/os-release'))
  const fields = parseOsRelease(text ?? '')
  const field = (name: string): string | null => fields.get(name) || null
  return {
    type: 'linux',
    kernel,
    architecture: machine.architecture,
    distributionId: field('ID'),
    distribution: field('NAME'),
    version: field('VERSION_ID'),
    codename: field('VERSION_CODENAME') ?? inBrackets(field('VERSION')),
  }
}

/** Red Hat and its kin have their codename in `9.4 (Plow)` only. */
function inBrackets(version: string | null): string | null {
  return /\(([^)]+)\)/.exec(version ?? '')?.[1] ?? null
}
