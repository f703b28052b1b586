/**
 * Reads what `loginctl show-session` prints: `Name=value` lines, an empty line between sessions. Pure.
 */
import type { Session } from './sessions.js'

/** Sessions of people: no greeter, no background job, none that is about to end. */
export function parseSessions(text: string): readonly Session[] {
  return text.split(/\n\s*\n/).flatMap((block) => {
    const fields = new Map(block.split('\n').map(splitAtEquals))
    const field = (name: string): string | null => fields.get(name) || null
    const name = field('Name')
    if (name === null || !isOfSomebody(field)) return []
    return [
      {
        name,
        terminal: field('TTY') ?? field('Display'),
        remoteHost: field('RemoteHost'),
        loginTime: timeOf(field('Timestamp')),
        id: field('Id'),
        seat: field('Seat'),
        isActive: truthOf(field('Active')),
        isLocked: truthOf(field('LockedHint')),
      },
    ]
  })
}

function splitAtEquals(line: string): [name: string, value: string] {
  const at = line.indexOf('=')
  return [line.slice(0, Math.max(at, 0)), line.slice(at + 1)]
}

/** A job of cron has a session, too, but nothing that somebody sits at. */
function isOfSomebody(field: (name: string) => string | null): boolean {
  const kind = field('Class')
  const isPerson = kind === null || kind === 'user' || kind === 'user-early'
  const hasPlace = field('TTY') !== null || field('Display') !== null || field('Seat') !== null
  return isPerson && field('State') !== 'closing' && (hasPlace || field('Remote') === 'yes')
}

function truthOf(word: string | null): boolean | null {
  return word === null ? null : word === 'yes'
}

/** `Sat 2026-11-21 18:30:00 UTC` */
function timeOf(text: string | null): string | null {
  const [, day, time] = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/.exec(text ?? '') ?? []
  return day === undefined ? null : `${day}T${time}.000Z`
}
