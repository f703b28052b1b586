/**
 * `cpus`: how many processors there are, and how many there can be.
 */
import type { Cpus } from '@negotiator/common/system'
import type { SystemCommand } from '../command.js'
import { missing } from '../failure.js'
import { readText, readWord } from '../files.js'
import type { Machine } from '../machine.js'
import { parseNumberList } from './number-list.js'

const folder = '/sys/devices/system/cpu'

export const command: SystemCommand = {
  name: 'cpus',
  run: async ({ machine }) => {
    const cpus = await readCpus(machine)
    const { onlineCount, presentCount, possibleCount, model } = cpus
    const lines = [`${onlineCount} online, ${presentCount} present, ${possibleCount} possible`]
    return { json: cpus, lines: model === null ? lines : [...lines, model] }
  },
}

async function readCpus(machine: Machine): Promise<Cpus> {
  const text = (await readText(machine, '/proc/cpuinfo')) ?? ''
  const listed = text.match(/^processor\s*:/gm)?.length ?? 0
  const online = parseNumberList((await readWord(machine, `${folder}/online`)) ?? '')
  const onlineCount = online.length || listed
  if (onlineCount === 0)
    throw missing(
      `Cannot tell the processors: neither ${folder}/online nor /proc/cpuinfo tells; mount /sys or /proc`,
    )
  const presentCount = Math.max(await countIn(machine, 'present'), onlineCount)
  return {
    onlineCount,
    presentCount,
    possibleCount: Math.max(await countIn(machine, 'possible'), presentCount),
    ...(await readTopology(machine, online)),
    model: /^model name\s*:\s*(.+?)\s*$/m.exec(text)?.[1] ?? null,
  }
}

async function countIn(machine: Machine, name: 'present' | 'possible'): Promise<number> {
  return parseNumberList((await readWord(machine, `${folder}/${name}`)) ?? '').length
}

/** Sockets and cores of the processors that are online; the threads of a core are told apart by nothing. */
async function readTopology(
  machine: Machine,
  online: readonly number[],
): Promise<Pick<Cpus, 'socketCount' | 'coreCount'>> {
  const [sockets, cores] = [new Set<string>(), new Set<string>()]
  for (const number of online) {
    const topology = `${folder}/cpu${number}/topology`
    const socket = await readWord(machine, `${topology}/physical_package_id`)
    const die = await readWord(machine, `${topology}/die_id`)
    const core = await readWord(machine, `${topology}/core_id`)
    if (socket === undefined || core === undefined) return { socketCount: null, coreCount: null }
    sockets.add(socket)
    cores.add(`${socket} ${die} ${core}`)
  }
  return { socketCount: sockets.size || null, coreCount: cores.size || null }
}
