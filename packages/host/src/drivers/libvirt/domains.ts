/**
 * The domains of one libvirt: who there is, how each is, and the live XML of those that run.
 * XML is asked for again only of domains that have come up or may have changed: a look costs one virsh, and a second one
 * only when a domain runs that was never seen before.
 */
import { setImmediate } from 'node:timers/promises'
import { parseDomainXml, sentenceOf } from '@negotiator/common'
import type { Clock, DomainDescription } from '@negotiator/common'
import type { MachineState } from '../driver.js'
import { namesByUuid, uuidsIn } from './listing.js'
import { askVirsh } from './virsh.js'

/** A domain as libvirt knows it. */
export interface Domain {
  readonly uuid: string
  readonly name: string
  readonly state: MachineState
  /** Of a domain that runs; the sentence that says why when it cannot be read. */
  readonly live?: DomainDescription | string | undefined
}

interface DomainsOptions {
  readonly uri: string
  readonly clock: Clock
  /** The program; tests give their own. */
  readonly program?: string | undefined
}

const listCommands = [
  'list --all --uuid --name',
  'list --uuid',
  'list --uuid --state-paused',
  'list --uuid --state-other',
]

/** A command line takes 128 KiB in one piece; each of these takes some 90 bytes of it. */
const readAtOnceMax = 500

/** Documents read before others have their turn: some milliseconds' worth. */
const parsedAtOnce = 16

/** The domains, look after look. */
export class Domains {
  readonly #options: DomainsOptions
  #known: ReadonlyMap<string, Domain> = new Map()

  constructor(options: DomainsOptions) {
    this.#options = options
  }

  /** As they were at the last look, by uuid. */
  get known(): ReadonlyMap<string, Domain> {
    return this.#known
  }

  /**
   * Looks.
   * @param changed uuids of domains whose live XML may be another than at the last look
   * @throws {SystemError} as `askVirsh` does; everything known then stays known
   */
  async look(changed: ReadonlySet<string> | 'all', signal: AbortSignal): Promise<readonly Domain[]> {
    const running = [...this.#known.values()].filter(({ live }) => live !== undefined)
    const isChanged = (uuid: string): boolean => changed === 'all' || changed.has(uuid)
    // One that is off now may be what has just been started.
    const likely = changed === 'all' ? running.map(({ uuid }) => uuid) : [...changed]
    const first = likely.filter((uuid) => this.#known.has(uuid)).slice(0, readAtOnceMax)
    const [all = '', active = '', paused = '', other = '', ...xmls] = await this.#ask(
      [...listCommands, ...first.map(dumpCommand)],
      signal,
    )
    const fresh = await parseAll(first, xmls)
    const kept = new Map(
      running.flatMap(({ uuid, live }) => (isChanged(uuid) ? [] : [[uuid, live] as const])),
    )
    const names = namesByUuid(all)
    const [isActive, isStopped] = [uuidsIn(active), uuidsIn(`${paused}\n${other}`)]
    // One that has gone down and come up again lies elsewhere: what was read of it before is then not used.
    const wanted = [...isActive].filter((uuid) => names.has(uuid) && !fresh.has(uuid) && !kept.has(uuid))
    for (let at = 0; at < wanted.length; at += readAtOnceMax) {
      const uuids = wanted.slice(at, at + readAtOnceMax)
      const read = await parseAll(uuids, await this.#ask(uuids.map(dumpCommand), signal))
      for (const [uuid, live] of read) fresh.set(uuid, live)
    }
    const domains = [...names].map(([uuid, listedName]): Domain => {
      const live = fresh.get(uuid) ?? kept.get(uuid)
      // One that runs and has no XML has gone down while we looked.
      if (!isActive.has(uuid) || live === undefined) return { uuid, name: listedName, state: 'off' }
      const name = typeof live === 'string' ? listedName : live.name
      return { uuid, name, live, state: isStopped.has(uuid) ? 'paused' : 'running' }
    })
    this.#known = new Map(domains.map((domain) => [domain.uuid, domain]))
    return domains
  }

  async #ask(commands: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    const { outputs } = await askVirsh({ ...this.#options, commands, signal })
    return outputs
  }
}

function dumpCommand(uuid: string): string {
  return `dumpxml ${uuid}`
}

/** What is empty belongs to a domain that is gone. */
async function parseAll(
  uuids: readonly string[],
  xmls: readonly string[],
): Promise<Map<string, DomainDescription | string>> {
  const parsed = new Map<string, DomainDescription | string>()
  for (const [index, uuid] of uuids.entries()) {
    const xml = xmls[index]?.trim() ?? ''
    if (xml === '') continue
    if (index % parsedAtOnce === parsedAtOnce - 1) await setImmediate()
    parsed.set(uuid, parseOne(xml, uuid))
  }
  return parsed
}

function parseOne(xml: string, uuid: string): DomainDescription | string {
  try {
    const description = parseDomainXml(xml)
    return description.uuid === uuid ? description : `its XML has the uuid ${description.uuid}`
  } catch (error) {
    return sentenceOf(error)
  }
}
