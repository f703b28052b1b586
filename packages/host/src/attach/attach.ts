/**
 * Adds our channels to a domain of libvirt, and takes them away again.
 * libvirt edits the definition itself; doing it twice changes nothing, and half of it is completed.
 */
import { channelNames, sentenceOf, SystemError, UsageError } from '@negotiator/common'
import type { ChannelName } from '@negotiator/common'
import { channelElement } from '../drivers/libvirt/channel-element.js'
import { Domain } from './domain.js'
import type { DomainQuestion, DomainXml } from './domain.js'
import { keepXml } from './kept-xml.js'
import { withDevices, withoutElements, xmlDiff } from './xml-diff.js'

interface ChangeOptions extends DomainQuestion {
  readonly verb: 'attach' | 'detach'
  /** Change nothing, say what would be. */
  readonly isDryRun: boolean
  /** Change also the machine that runs. */
  readonly isLive: boolean
  /** Where the XML as it was is kept. */
  readonly stateFolder: string
  readonly now: Date
}

/** What has been done, or would be. */
export interface ChangeReport {
  readonly name: string
  /** Channels of the definition that were changed. */
  readonly config: readonly ChannelName[]
  /** Of the running machine. */
  readonly live: readonly ChannelName[]
  /** Of the definition's XML; empty when nothing changes in it. */
  readonly diff: string
  /** Where the definition as it was is kept. */
  readonly keptAt: string | undefined
  /** The machine runs otherwise than it is defined now: it has to be shut down and started. */
  readonly isRestartNeeded: boolean
  readonly isRunning: boolean
}

/**
 * Changes a domain.
 * @throws {UsageError} `unknown-guest`, `transient-domain`, `not-running`, `channel-in-the-way`; {@link SystemError}
 *   `libvirt-refused`, `cannot-keep`, or as `askVirsh` does
 */
export async function changeChannels(options: ChangeOptions): Promise<ChangeReport> {
  const { verb, isDryRun, isLive } = options
  const domain = await Domain.find(options)
  const before = await domain.read()
  const wanted = verb === 'attach'
  const config = channelsToChange(before.config, wanted)
  const live = isLive ? channelsToChange(before.live, wanted) : []
  checkChange(domain.name, { before, options })
  let keptAt: string | undefined
  let after = predicted(before.config, { config, wanted })
  if (!isDryRun) {
    if (config.length > 0) {
      const xml = await domain.secretDefinition()
      keptAt = await keepXml({ ...options, uuid: domain.uuid, xml })
    }
    for (const name of config) await changeOne(domain, { name, wanted, scope: 'config', xml: before.config })
    for (const name of live) {
      await changeOne(domain, { name, wanted, scope: 'live', xml: before.live }).catch((cause: unknown) => {
        throw notLive(domain.name, { verb, cause })
      })
    }
    if (config.length > 0) after = (await domain.read()).config?.text ?? ''
  }
  const { name } = domain
  const left = isLive && !isDryRun ? [] : channelsToChange(before.live, wanted)
  return {
    name,
    config,
    live,
    diff: xmlDiff({ name, before: before.config?.text ?? '', after }),
    keptAt,
    isRestartNeeded: left.length > 0,
    isRunning: before.live !== undefined,
  }
}

type Read = Awaited<ReturnType<Domain['read']>>

/** All that can be known before anything is changed. */
function checkChange(
  name: string,
  { before, options: { verb, isLive } }: { before: Read; options: ChangeOptions },
): void {
  if (before.config === undefined && !isLive)
    throw new UsageError(
      `Cannot ${verb} "${name}": it is transient, so libvirt keeps no definition of it that could be changed; ` +
        'change what creates it, or with --live the machine that runs',
      { code: 'transient-domain' },
    )
  if (isLive && before.live === undefined)
    throw new UsageError(`Cannot ${verb} "${name}" with --live: it does not run; leave --live out`, {
      code: 'not-running',
    })
  if (verb === 'detach') return
  for (const xml of [before.config, before.live]) {
    for (const [channel, reason] of Object.entries(xml?.description.unreachable ?? {})) {
      throw new UsageError(
        `Cannot attach "${name}": it has a channel "${channel}" that cannot be used: ${reason}; ` +
          'take it out with `virsh edit` first',
        { code: 'channel-in-the-way' },
      )
    }
  }
}

function channelsToChange(xml: DomainXml | undefined, wanted: boolean): readonly ChannelName[] {
  if (xml === undefined) return []
  return channelNames.filter((name) => xml.description.channels.includes(name) !== wanted)
}

function predicted(
  xml: DomainXml | undefined,
  { config, wanted }: { config: readonly ChannelName[]; wanted: boolean },
): string {
  if (xml === undefined) return ''
  if (wanted) return withDevices(xml.text, config.map(channelElement))
  return withoutElements(
    xml.text,
    config.map((name) => xml.description.elements[name] ?? ''),
  )
}

/** By then the definition is changed, which a person has to know. */
function notLive(name: string, { verb, cause }: { verb: string; cause: unknown }): SystemError {
  const words = sentenceOf(cause).replace(/^Cannot change "[^]*?": /, '')
  return new SystemError(
    `Cannot ${verb} "${name}" while it runs: ${words}; its definition is changed, so shut it down and start it`,
    { code: 'libvirt-refused', cause },
  )
}

async function changeOne(
  domain: Domain,
  {
    name,
    wanted,
    scope,
    xml,
  }: { name: ChannelName; wanted: boolean; scope: 'config' | 'live'; xml: DomainXml | undefined },
): Promise<void> {
  const element = wanted ? channelElement(name) : (xml?.description.elements[name] ?? '')
  await domain.change({ verb: wanted ? 'attach-device' : 'detach-device', element, scope })
}
