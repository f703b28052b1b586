/**
 * A mounted dialect of a guest whose commands are real, and the other end of its channels.
 * Floor 7, for tests.
 */
import { pairedChannels } from '../../channel/paired-channels.js'
import type { PairedChannel } from '../../channel/paired-channels.js'
import { RecordedEnd } from '../../channel/recorded-end.js'
import type { Judge } from '../../call/judge.js'
import { systemClock } from '../../clock.js'
import { createLog } from '../../log.js'
import type { Teardown } from '../../test-folder.js'
import { testAgent } from '../test-agents.js'
import type { TestAgent } from '../test-agents.js'
import { Mount } from './mount.js'
import type { MountSettings } from './mount-settings.js'

/** Who attaches to the mount's channel. */
export interface MountPeer {
  readonly channel: PairedChannel
  readonly end: RecordedEnd
  /** Sends a text and waits until so much was heard in all that the pattern matches. */
  readonly ask: (text: string, wanted: RegExp) => Promise<string>
}

interface MountStage extends Pick<TestAgent, 'folder' | 'audit'> {
  readonly mount: Mount
  readonly logged: readonly string[]
  /** Attaches to the channel; the one before must have left. */
  readonly attach: () => MountPeer
}

/** Mounts a dialect on a channel. */
export async function mountStage(
  test: Teardown,
  { judge, ...settings }: Partial<MountSettings> & { readonly judge?: Judge } = {},
): Promise<MountStage> {
  const { agent, folder, audit } = await testAgent(test, { side: 'guest', ...(judge && { judge }) })
  const attached: PairedChannel[] = []
  let wake: () => void = () => undefined
  const logged: string[] = []
  const openChannel = async (_settings: MountSettings, signal: AbortSignal): Promise<PairedChannel> => {
    signal.addEventListener('abort', () => wake())
    for (;;) {
      const channel = attached.shift()
      if (channel !== undefined) return channel
      if (signal.aborted) throw new Error('stopped')
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }
  const mount = new Mount(
    { dialect: 'appmonitor', exchange: 'lines', channel: 'com.eayun.eayunstack.0', ...settings },
    {
      side: 'guest',
      clock: systemClock,
      log: createLog({ level: 'warn', format: 'text', write: (line) => void logged.push(line) }),
      serve: (call) => agent.servePeer(call, { kind: 'host' }),
      openChannel,
    },
  )
  test.teardown(async () => await mount.close())
  const attach = (): MountPeer => {
    const { left, right } = pairedChannels()
    attached.push(right)
    wake()
    return peerOn(left)
  }
  return { mount, folder, audit, logged, attach }
}

function peerOn(channel: PairedChannel): MountPeer {
  const end = new RecordedEnd(channel)
  end.start()
  const ask = async (text: string, wanted: RegExp): Promise<string> => {
    channel.write(Buffer.from(text))
    await end.until(() => wanted.test(end.received.toString()))
    return end.received.toString()
  }
  return { channel, end, ask }
}
