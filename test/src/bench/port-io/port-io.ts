/**
 * `pnpm bench --port-io`: ways to wait for a virtio port in Node, each behind a bare echo in the guest, beside C.
 *
 * Nothing of Negotiator runs meanwhile but, in one of the ways, the guest's own readiness.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ImageFile } from '../../machine/image-contents.js'
import { buildNegotiatorImage } from '../../machine/negotiator-image.js'
import { ensurePrerequisites } from '../../machine/prerequisites.js'
import { startVm } from '../../machine/vm.js'
import type { Vm } from '../../machine/vm.js'
import type { BenchOptions } from '../bench.js'
import { PortEnd } from '../port-end.js'
import { buildRawProgram, rawPortDevice, rawPortName, rawProgramPath } from '../raw-port.js'
import { median, percentile } from '../statistics.js'
import { markdownTable, number } from '../table.js'

/** Beside koffi, so that it is found. */
const guestFolder = '/opt/negotiator/bench'

interface Way {
  readonly title: string
  /** What is started in the guest. */
  readonly program: string
  /** What the program must be told before it echoes so much. */
  readonly command?: (byteCount: number) => string
}

const node = (way: string): string => `node ${guestFolder}/port-echo.mjs ${way} ${rawPortDevice}`

const ways: readonly Way[] = [
  {
    title: 'C, blocking read and write',
    program: `${rawProgramPath} ${rawPortDevice}`,
    command: (byteCount) => `echo 64 ${byteCount / 64}\n`,
  },
  { title: 'epoll set watched by the event loop (koffi): what the daemon does', program: node('epoll') },
  { title: 'the same, with `read` and `write` called through koffi', program: node('epoll-calls') },
  { title: '`SIGIO`, armed through koffi', program: node('sigio') },
  { title: '`poll` on a thread of koffi', program: node('poll-thread') },
  { title: 'blocking `fs.read` in the thread pool', program: node('blocking-read') },
  { title: 'timer, what the daemon does without koffi', program: node('timer') },
]

interface PortIoSizes {
  readonly warmUpTrips: number
  readonly trips: number
  readonly bulkBytes: number
}

const mebibyte = 1024 * 1024
const fullSizes: PortIoSizes = { warmUpTrips: 50, trips: 300, bulkBytes: 16 * mebibyte }
const quickSizes: PortIoSizes = { warmUpTrips: 2, trips: 8, bulkBytes: mebibyte / 2 }

interface WayFigures {
  readonly p50: number
  readonly p95: number
  readonly mibS: number
}

/** What each way gives: the medians of all rounds. */
export interface PortIoRow extends WayFigures {
  readonly title: string
  /** Its p50 and its throughput as multiples of the first row's. */
  readonly p50Ratio: number
  readonly mibSRatio: number
}

/** Measures all ways, one after the other in each round. */
export async function runPortIoBench({
  roundCount,
  isQuick,
  say,
}: BenchOptions): Promise<readonly PortIoRow[]> {
  const sizes = isQuick ? quickSizes : fullSizes
  const folder = await mkdtemp(join(tmpdir(), 'ng-port-io-'))
  try {
    say('Booting a machine ...')
    await using vm = await startMachine({ folder, say })
    await vm.waitBooted()
    const rounds: (readonly WayFigures[])[] = []
    for (let round = 1; round <= roundCount; round += 1) {
      say(`Round ${round} of ${roundCount} ...`)
      rounds.push(await measureWays(vm, sizes))
    }
    return ways.map(({ title }, index) => rowOf({ title, index, rounds }))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** @returns a Markdown table */
export function portIoTable(rows: readonly PortIoRow[]): string {
  const head = ['how the guest waits', '64 B round trip p50', 'p95', 'x C p50', 'echo each way', 'x C']
  const cells = ({ title, p50, p95, p50Ratio, mibS, mibSRatio }: PortIoRow): readonly string[] => [
    ...[title, `${number(p50)} ms`, `${number(p95)} ms`, number(p50Ratio)],
    ...[`${number(mibS)} MiB/s`, number(mibSRatio)],
  ]
  return markdownTable(head, rows.map(cells))
}

async function startMachine({ folder, say }: { folder: string; say: (line: string) => void }): Promise<Vm> {
  const image = await buildNegotiatorImage({
    prerequisites: await ensurePrerequisites({ install: true, log: say }),
    files: [(await buildRawProgram()).file, ...guestFiles()],
  })
  return await startVm({ image, name: 'port-io', dir: folder, ports: [{ name: rawPortName }] })
}

function guestFiles(): readonly ImageFile[] {
  const sources = join(import.meta.dirname, '../../../src/bench/port-io/guest')
  const packages = join(import.meta.dirname, '../../../../packages')
  return [
    { from: join(sources, 'port-echo.mjs'), to: `${guestFolder}/port-echo.mjs` },
    { from: join(packages, 'guest/dist/ports/epoll-readiness.js'), to: `${guestFolder}/epoll-readiness.mjs` },
    { from: join(packages, 'guest/dist/ports/timer-readiness.js'), to: `${guestFolder}/timer-readiness.mjs` },
    { from: join(packages, 'common/dist/clock.js'), to: `${guestFolder}/clock.mjs` },
    // In place of the daemon: nothing else shall run.
    { content: '#!/bin/sh\n', mode: 0o755, to: '/etc/negotiator-start' },
  ]
}

async function measureWays(vm: Vm, sizes: PortIoSizes): Promise<readonly WayFigures[]> {
  const figures: WayFigures[] = []
  for (const way of ways) figures.push(await measureWay(vm, way, sizes))
  return figures
}

/** Bytes that are sent while the program starts wait for it in the port. */
async function measureWay(
  vm: Vm,
  { title, program, command = () => '' }: Way,
  sizes: PortIoSizes,
): Promise<WayFigures> {
  const { stdout } = await vm.console.run(`${program} </dev/null >/dev/null 2>/run/port-echo.log & echo $!`)
  const end = await PortEnd.connect(vm.socketPath(rawPortName))
  try {
    end.send(command((sizes.warmUpTrips + sizes.trips) * 64 + 2 * sizes.bulkBytes))
    await end.roundTrips(sizes.warmUpTrips)
    await end.echoed(sizes.bulkBytes)
    const times = await end.roundTrips(sizes.trips)
    const mibS = await end.echoed(sizes.bulkBytes)
    return { p50: percentile(times, 0.5), p95: percentile(times, 0.95), mibS }
  } catch (cause) {
    const { stdout: log } = await vm.console.run('cat /run/port-echo.log')
    throw new Error(`Cannot measure "${title}": ${String(cause)} ${log}`, { cause })
  } finally {
    end.close()
    // One that waits in a blocking read ends no other way.
    await vm.console.run(`kill -9 ${stdout.trim()}; while [ -e /proc/${stdout.trim()} ]; do sleep 0.1; done`)
  }
}

function rowOf({
  title,
  index,
  rounds,
}: {
  title: string
  index: number
  rounds: readonly (readonly WayFigures[])[]
}): PortIoRow {
  const own = rounds.flatMap((round) => round.slice(index, index + 1))
  const floor = rounds.flatMap((round) => round.slice(0, 1))
  const ratio = (name: 'p50' | 'mibS'): number =>
    median(own.map((way, round) => way[name] / (floor[round]?.[name] ?? Number.NaN)))
  return {
    title,
    p50: median(own.map(({ p50 }) => p50)),
    p95: median(own.map(({ p95 }) => p95)),
    mibS: median(own.map(({ mibS }) => mibS)),
    p50Ratio: ratio('p50'),
    mibSRatio: ratio('mibS'),
  }
}
