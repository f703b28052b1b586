/**
 * A guest that speaks oVirt's protocol, with commands that a test answers, and a clock that it moves.
 * Floor 6, for tests.
 */
import type { IncomingCall } from '../../call/call.js'
import { pairedChannels } from '../../channel/paired-channels.js'
import type { PairedChannel, PairedChannels } from '../../channel/paired-channels.js'
import { FakeClock, settle } from '../../fake-clock.js'
import { ovirtLineBytesMax } from './ovirt-limits.js'
import { createLog } from '../../log.js'
import type { Log } from '../../log.js'
import type { RunRequest } from '../../wire/request.js'
import type { Result } from '../../wire/result.js'
import { LegacyServer } from '../legacy-server.js'
import { LinesExchange } from '../lines/lines-exchange.js'
import { OvirtGuest } from './ovirt-guest.js'
import type { OvirtGuestOptions } from './ovirt-guest.js'

/** A call's answer: a value as JSON, an ending, or none before the test gives one. */
export type Answer =
  | { readonly json: unknown }
  | { readonly result: Result; readonly stderr?: string }
  | 'never'

const gibibyte = 1024 ** 3

/** What a real agent of oVirt was seen to send. */
const memory = {
  totalBytes: 24684084 * 1024,
  freeBytes: 23680908 * 1024,
  availableBytes: 23 * gibibyte,
  buffersBytes: 5464 * 1024,
  cachedBytes: 134920 * 1024,
  swapTotalBytes: 0,
  swapFreeBytes: 0,
  intervalSeconds: 5,
  swapInPagesPerSecond: 0,
  swapOutPagesPerSecond: 0,
  pageFaultsPerSecond: 0.2,
  majorPageFaultsPerSecond: 0,
}

/** A small Debian guest's own answers. */
const usualAnswers: readonly (readonly [string, Answer])[] = [
  ['host-name', { json: { name: 'vm1', fqdn: 'vm1.example.org' } }],
  [
    'os-info',
    {
      json: {
        ...{ type: 'linux', kernel: '6.1.0-13-amd64', architecture: 'x86_64', distributionId: 'debian' },
        ...{ distribution: 'Debian GNU/Linux', version: '12', codename: 'bookworm' },
      },
    },
  ],
  [
    'network-interfaces',
    {
      json: {
        interfaces: [
          nic({ name: 'lo', mac: null, isLoopback: true, ipv4: ['127.0.0.1/8'] }),
          nic({ name: 'eth0', mac: '00:1a:4a:23:10:00', ipv4: ['10.0.0.2/24'], ipv6: ['fe80::1/64'] }),
          nic({ name: 'docker0', mac: '02:42:00:00:00:01', ipv4: ['172.17.0.1/16'] }),
          nic({ name: 'eth1', mac: '00:1a:4a:23:10:01', isUp: false }),
        ],
      },
    },
  ],
  ['active-user', { json: { name: null, terminal: null, isLocked: null } }],
  [
    'applications',
    {
      json: {
        packageManager: 'rpm',
        applications: [
          { name: 'kernel', version: '2.6.32-131.4.1.el6', architecture: 'x86_64' },
          { name: 'bash', version: '4.1', architecture: 'x86_64' },
        ],
      },
    },
  ],
  [
    'containers',
    {
      json: {
        containers: [
          {
            ...{ id: 'c0ffee', names: ['/web'], image: 'nginx', command: 'nginx -g', status: 'Up 2 hours' },
            runtime: 'docker',
          },
        ],
      },
    },
  ],
  [
    'timezone',
    { json: { name: 'Etc/UTC', offsetMinutes: 0, standardOffsetMinutes: 0, isDaylightSaving: false } },
  ],
  ['disks-usage', { json: { fileSystems: [mount(4096), { ...mount(0), fileSystem: 'tmpfs' }] } }],
  ['disks', { json: { disks: [disk('vda', 'SERIAL'), disk('vdb', null)] } }],
  [
    'cpus',
    {
      json: {
        onlineCount: 2,
        presentCount: 2,
        possibleCount: 4,
        socketCount: 1,
        coreCount: 2,
        model: null,
      },
    },
  ],
  ['memory-stats', { json: memory }],
  ['power', { result: { kind: 'exited', code: 0 } }],
  ['session', { result: { kind: 'exited', code: 0 } }],
  ['ovirt-lifecycle', { result: { kind: 'exited', code: 0 } }],
]

function nic(given: Readonly<Record<string, unknown>>): unknown {
  return { isUp: true, isLoopback: false, mtuBytes: 1500, ipv4: [], ipv6: [], ...given }
}

/** The root's file system, so full. */
export function mount(usedBytes: number): Readonly<Record<string, unknown>> {
  const totalBytes = 12638248960
  return {
    ...{ path: '/', device: '/dev/vda1', fileSystem: 'overlay', totalBytes, usedBytes },
    availableBytes: totalBytes - usedBytes,
  }
}

function disk(name: string, serial: string | null): unknown {
  return {
    ...{ name, path: `/dev/${name}`, kind: 'disk', parents: [], sizeBytes: gibibyte, serial, model: null },
    ...{ isReadOnly: false, isRemovable: false, fileSystem: null, label: null, uuid: null, mountPoints: [] },
  }
}

/** A guest on a stage. */
export class TestGuest {
  readonly clock: FakeClock = new FakeClock()
  readonly answers: Map<string, Answer> = new Map(usualAnswers)
  /** What was called, as words. */
  readonly called: (readonly string[])[] = []
  /** The log's lines. */
  readonly logged: string[] = []
  readonly log: Log = createLog({
    level: 'debug',
    format: 'text',
    write: (line) => void this.logged.push(line),
  })
  readonly guest: OvirtGuest
  #unplug: () => Promise<void> = async () => await Promise.resolve()

  constructor(options: Pick<OvirtGuestOptions, 'filters' | 'periods'> = {}) {
    this.guest = new OvirtGuest({ clock: this.clock, log: this.log, ...options })
  }

  /** A host connects. @returns its end of the channel */
  plug(options: { readonly capacityBytes?: number; readonly chunkBytesMax?: number } = {}): PairedChannel {
    const { left, right }: PairedChannels = pairedChannels(options)
    const exchange = new LinesExchange({ channel: right, lineEnd: '\n', atOnceMax: 1 })
    const dialect = this.guest.open()
    const serve = (call: IncomingCall): void => this.#serve(call)
    const server = new LegacyServer({
      exchange,
      dialect,
      serve,
      outputBytesMax: ovirtLineBytesMax,
      log: this.log,
    })
    this.farewell = () => dialect.farewell?.()
    this.#unplug = async () => {
      exchange.close()
      dialect.close?.()
      server.close()
      await settle()
    }
    return left
  }

  /** The guest's daemon stops. */
  farewell: () => void = () => undefined

  /** The host leaves. */
  async unplug(): Promise<void> {
    await this.#unplug()
  }

  #serve(call: IncomingCall): void {
    const { command, args } = call.request as RunRequest
    this.called.push([command, ...args])
    const answer = this.answers.get(command) ?? {
      result: { kind: 'unknown-command', reason: 'no such command' },
    }
    if (answer === 'never') return
    const result: Result = 'json' in answer ? { kind: 'exited', code: 0 } : answer.result
    if ('json' in answer) call.stdout.write(Buffer.from(JSON.stringify(answer.json)))
    else call.stderr.write(Buffer.from(answer.stderr ?? ''))
    call.finish(result)
  }
}

/** The other end of a channel as lines. */
export class LineEnd {
  readonly #channel: PairedChannel
  #text = ''

  constructor(channel: PairedChannel) {
    this.#channel = channel
    channel.start({
      bytes: (chunk) => (this.#text += chunk.toString('latin1')),
      drained: () => undefined,
      closed: () => undefined,
    })
  }

  /** What has come since the last time, without line feeds. */
  async lines(): Promise<readonly string[]> {
    await settle()
    const complete = this.#text.lastIndexOf('\n') + 1
    const lines = this.#text.slice(0, complete).split('\n').slice(0, -1)
    this.#text = this.#text.slice(complete)
    return lines
  }

  /** The same, the names of the messages. */
  async names(): Promise<readonly string[]> {
    return (await this.lines()).map((line) => String((JSON.parse(line) as { __name__: unknown }).__name__))
  }

  /** Sends messages, and lets them be taken. */
  async say(...messages: readonly (string | object)[]): Promise<void> {
    for (const message of messages) {
      const text = typeof message === 'string' ? message : JSON.stringify(message)
      this.#channel.write(Buffer.from(`${text}\n`))
    }
    await settle()
  }
}
