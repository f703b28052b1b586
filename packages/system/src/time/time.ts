/**
 * `time`: the machine's clock, and whether a time service keeps it right.
 */
import type { Time } from '@negotiator/common/system'
import type { SystemCall, SystemCommand } from '../command.js'
import { missing } from '../failure.js'
import { readText, readWord } from '../files.js'

export const command: SystemCommand = {
  name: 'time',
  run: async (call) => {
    const time = await readTime(call)
    return { json: time, lines: [`${time.time}, ${trustOf(time)}`] }
  },
}

async function readTime(call: SystemCall): Promise<Time> {
  const { machine } = call
  const uptimeSeconds = Number.parseFloat((await readText(machine, '/proc/uptime')) ?? '')
  if (Number.isNaN(uptimeSeconds))
    throw missing('Cannot tell the time since the start: /proc/uptime cannot be read; mount /proc')
  const clock = '/sys/devices/system/clocksource/clocksource0/current_clocksource'
  const clockSource = (await readWord(machine, clock)) ?? null
  const synchronised = await askTimeService(call)
  // Last, for the tools take a while to answer.
  const now = machine.now()
  return {
    time: now.toISOString(),
    unixMilliseconds: now.getTime(),
    uptimeSeconds,
    clockSource,
    ...synchronised,
  }
}

/** The kernel's own word through systemd, else chrony's. */
async function askTimeService({
  machine,
  signal,
}: SystemCall): Promise<Pick<Time, 'isSynchronised' | 'saidBy'>> {
  const systemd = await machine.run('timedatectl', ['show', '--property=NTPSynchronized', '--value'], {
    signal,
  })
  const word = systemd?.exitCode === 0 ? systemd.stdout.trim() : ''
  if (word === 'yes' || word === 'no') return { isSynchronised: word === 'yes', saidBy: 'systemd' }
  const chrony = await machine.run('chronyc', ['-c', 'tracking'], { signal })
  const state = chrony?.exitCode === 0 ? chrony.stdout.trim().split(',').at(-1) : undefined
  if (state === undefined || state === '') return { isSynchronised: null, saidBy: null }
  return { isSynchronised: state !== 'Not synchronised', saidBy: 'chrony' }
}

function trustOf({ isSynchronised, saidBy }: Time): string {
  if (isSynchronised === null) return 'not known whether it is synchronised'
  return `${isSynchronised ? 'synchronised' : 'not synchronised'} (${saidBy})`
}
