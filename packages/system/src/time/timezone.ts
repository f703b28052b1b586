/**
 * `timezone`: the machine's time zone. It is looked up at each call, for Node itself remembers the one that it was started in.
 */
import type { Timezone } from '@negotiator/common/system'
import type { SystemCall, SystemCommand } from '../command.js'
import { missing } from '../failure.js'
import { readLink, readText, readWord } from '../files.js'
import type { Machine } from '../machine.js'
import { offsetMinutesOf, parseOffset, standardOffsetMinutesOf } from './zone-offset.js'

export const command: SystemCommand = {
  name: 'timezone',
  run: async (call) => {
    const zone = await readTimezone(call)
    const { name, offsetMinutes, isDaylightSaving } = zone
    const daylight = isDaylightSaving === true ? ', daylight saving' : ''
    return { json: zone, lines: [`${name ?? 'unnamed zone'}: UTC${signed(offsetMinutes)}${daylight}`] }
  },
}

async function readTimezone(call: SystemCall): Promise<Timezone> {
  const now = call.machine.now()
  const name = await readZoneName(call.machine)
  const offsetMinutes = name === undefined ? undefined : offsetMinutesOf(name, now)
  if (name === undefined || offsetMinutes === undefined) return await askForOffset(call)
  const standardOffsetMinutes = standardOffsetMinutesOf(name, now) ?? offsetMinutes
  const isDaylightSaving = offsetMinutes > standardOffsetMinutes
  return { name, offsetMinutes, standardOffsetMinutes, isDaylightSaving }
}

/** Where no zone is set it is UTC. A copy of a zone's file has no name but the one in /etc/timezone. */
async function readZoneName(machine: Machine): Promise<string | undefined> {
  const target = await readLink(machine, '/etc/localtime')
  if (target !== undefined) return /zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(target)?.[1]
  const hasZone =
    ((await readText(machine, '/etc/localtime')) ?? (await readText(machine, '/etc/TZ'))) !== undefined
  return hasZone ? await readWord(machine, '/etc/timezone') : 'UTC'
}

/** A zone without a name, or with one that Node does not know: the C library knows its offset. */
async function askForOffset({ machine, signal }: SystemCall): Promise<Timezone> {
  const asked = await machine.run('date', ['+%z'], { signal })
  const text = asked?.stdout.trim() ?? ''
  const offsetMinutes = text === '' ? undefined : parseOffset(text)
  if (offsetMinutes === undefined)
    throw missing(
      'Cannot tell the time zone: /etc/localtime names none, and there is no date(1) to ask; set one',
    )
  return { name: null, offsetMinutes, standardOffsetMinutes: null, isDaylightSaving: null }
}

function signed(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return `${minutes < 0 ? '-' : '+'}${[hours, rest].map((part) => String(part).padStart(2, '0')).join(':')}`
}
