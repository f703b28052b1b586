/**
 * `host-name`: the machine's own name, and the full one with its domain.
 */
import type { HostName } from '@negotiator/common/system'
import type { SystemCall, SystemCommand } from '../command.js'
import { missing } from '../failure.js'
import { readText, readWord } from '../files.js'

/** The tool may ask a name server, which may not answer. */
const askTimeoutMs = 3_000

export const command: SystemCommand = {
  name: 'host-name',
  usage: '[--fqdn]',
  options: { fqdn: 'flag' },
  run: async (call) => {
    const names = await readHostName(call)
    const wanted = call.options.flags.has('fqdn') ? names.fqdn : names.name
    if (wanted === null)
      throw missing(
        `Cannot tell the full name of ${names.name}: nobody knows its domain; name it in /etc/hosts`,
      )
    return { json: names, lines: [wanted] }
  },
}

async function readHostName(call: SystemCall): Promise<HostName> {
  const name = await readWord(call.machine, '/proc/sys/kernel/hostname')
  if (name === undefined)
    throw missing('Cannot tell the name: /proc/sys/kernel/hostname cannot be read; mount /proc')
  if (name.includes('.')) return { name, fqdn: name }
  const listed = fullNameIn((await readText(call.machine, '/etc/hosts')) ?? '', name)
  return { name, fqdn: listed ?? (await askForFullName(call, name)) }
}

/** The first name with a domain on a line of hosts(5) that has this name. */
function fullNameIn(hosts: string, name: string): string | undefined {
  const lines = hosts.split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1))
  return lines
    .filter((names) => names.includes(name) || names.some((other) => other.startsWith(`${name}.`)))
    .flat()
    .find((other) => other.startsWith(`${name}.`))
}

async function askForFullName({ machine, signal }: SystemCall, name: string): Promise<string | null> {
  const asked = await machine.run('hostname', ['-f'], { signal, timeoutMs: askTimeoutMs })
  const answer = asked?.exitCode === 0 ? asked.stdout.trim() : ''
  return answer.startsWith(`${name}.`) ? answer : null
}
