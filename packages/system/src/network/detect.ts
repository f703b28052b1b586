/**
 * Which backend this machine's network is run by: what is installed and at work, not what could be.
 * It only asks.
 */
import { missing, wrongUsage } from '../failure.js'
import type { Machine } from '../machine.js'
import { backendNames } from './backend.js'
import type { Backend } from './backend.js'
import { ifupdown } from './ifupdown.js'
import { hasInterface } from './interfaces-file.js'
import { netplan } from './netplan.js'
import { networkd } from './networkd.js'
import { networkManager } from './networkmanager.js'
import type { NetworkPlan } from './plan.js'
import { readSources } from './sources.js'
import { hasTool } from './tool-search.js'

/** In the order in which they are looked for. */
export const backends: readonly Backend[] = [netplan, ifupdown, networkManager, networkd]

interface Question {
  readonly machine: Machine
  readonly plan: NetworkPlan
  readonly signal: AbortSignal
}

/**
 * @param question.wanted the value of `--backend`
 * @throws CommandFailure when there is none, or not the wanted one, or it lacks a tool
 */
export async function chooseBackend({
  wanted,
  ...question
}: Question & { readonly wanted: string | undefined }): Promise<Backend> {
  const chosen = wanted === undefined ? await detect(question) : named(wanted)
  for (const tool of chosen.tools) {
    if (!(await hasTool(question.machine, tool)))
      throw missing(
        `Cannot apply the network with ${chosen.name}: ${tool} is not on this machine; name another with --backend`,
      )
  }
  return chosen
}

function named(wanted: string): Backend {
  const backend = backends.find(({ name }) => name === wanted)
  if (backend !== undefined) return backend
  throw wrongUsage(
    `Cannot apply the network: there is no backend ${JSON.stringify(wanted)}; wanted one of ${backendNames.join(', ')}`,
  )
}

/**
 * netplan writes the files of others, so it goes first. An interface that /etc/network/interfaces names is left alone by
 * the others, whether they run or not.
 */
async function detect(question: Question): Promise<Backend> {
  if (await hasNetplan(question)) return netplan
  if (await hasStanzas(question)) return ifupdown
  if (await isManaged(question)) return networkManager
  if (await isNetworkdActive(question)) return networkd
  if (await hasTool(question.machine, 'ifup')) return ifupdown
  throw missing(
    'Cannot apply the network: none of systemd-networkd, netplan, ifupdown and NetworkManager runs it; start one, or name one with --backend',
  )
}

async function hasNetplan({ machine }: Question): Promise<boolean> {
  return (await hasTool(machine, 'netplan')) && (await readSources(machine, netplan)).size > 0
}

async function hasStanzas({ machine, plan }: Question): Promise<boolean> {
  if (!(await hasTool(machine, 'ifup'))) return false
  const names = plan.interfaces.map(({ name }) => name)
  return [...(await readSources(machine, ifupdown)).values()].some((text) => hasInterface({ text, names }))
}

async function isManaged({ machine, plan, signal }: Question): Promise<boolean> {
  const told = await machine.run('nmcli', ['--terse', '--fields', 'DEVICE,STATE', 'device'], { signal })
  if (told?.exitCode !== 0) return false
  const names = plan.interfaces.map(({ name }) => name)
  return told.stdout.split('\n').some((line) => {
    const [name = '', state] = line.split(':')
    return names.includes(name) && state !== undefined && state !== 'unmanaged'
  })
}

async function isNetworkdActive({ machine, signal }: Question): Promise<boolean> {
  const told = await machine.run('systemctl', ['is-active', 'systemd-networkd.service'], { signal })
  return told?.stdout.trim() === 'active' && (await hasTool(machine, 'networkctl'))
}
