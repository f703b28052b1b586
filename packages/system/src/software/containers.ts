/**
 * `containers`: those of Docker and of podman. Where there is neither, there are none.
 */
import type { Container, Containers } from '@negotiator/common/system'
import type { SystemCall, SystemCommand } from '../command.js'
import { CommandFailure, exitFailed } from '../failure.js'
import { askDocker } from './docker-socket.js'

export const command: SystemCommand = {
  name: 'containers',
  usage: '[--all]',
  options: { all: 'flag' },
  run: async (call) => {
    const containers = [...(await listDocker(call)), ...(await listPodman(call))]
    const answer: Containers = { containers }
    return { json: answer, lines: containers.map(lineOf) }
  },
}

async function listDocker({ machine, options, signal }: SystemCall): Promise<readonly Container[]> {
  const socketPath = `${machine.root}/run/docker.sock`
  const answer = await askDocker({ socketPath, isAll: options.flags.has('all'), signal })
  return entriesOf(answer).map((entry) => ({
    id: text(entry['Id']),
    // Docker's names begin with a slash.
    names: texts(entry['Names']).map((name) => name.replace(/^\//, '')),
    image: text(entry['Image']),
    command: text(entry['Command']),
    status: text(entry['Status']),
    runtime: 'docker',
  }))
}

async function listPodman({ machine, options, signal }: SystemCall): Promise<readonly Container[]> {
  const all = options.flags.has('all') ? ['--all'] : []
  const listed = await machine.run('podman', ['ps', ...all, '--format', 'json'], { signal })
  if (listed === undefined) return []
  if (listed.exitCode !== 0) throw failed(listed.stderr.trim().split('\n').at(-1) || 'no reason given')
  return entriesOf(parse(listed.stdout)).map((entry) => ({
    id: text(entry['Id']),
    names: texts(entry['Names']),
    image: text(entry['Image']),
    command: texts(entry['Command']).join(' '),
    status: text(entry['Status']) || text(entry['State']),
    runtime: 'podman',
  }))
}

function parse(answer: string): unknown {
  try {
    return JSON.parse(answer.trim() || '[]')
  } catch {
    throw failed('it is no JSON')
  }
}

function failed(reason: string): CommandFailure {
  return new CommandFailure(`Cannot list the containers: podman's answer: ${reason}`, exitFailed)
}

/** The entries that have an id; whatever else is in the list is left out. */
function entriesOf(answer: unknown): readonly Readonly<Record<string, unknown>>[] {
  const entries: readonly unknown[] = Array.isArray(answer) ? answer : []
  return entries.filter(isRecord).filter((entry) => text(entry['Id']) !== '')
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(text).filter((one) => one !== '') : []
}

function lineOf({ id, names, image, status }: Container): string {
  return `${names.join(', ') || id.slice(0, 12)}: ${image}, ${status}`
}
