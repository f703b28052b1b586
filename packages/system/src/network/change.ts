/**
 * The whole change: each file as it is and as it shall be, and the tools that bring it about and undo it.
 * It reads and asks, and changes nothing, so it serves `--dry-run` and the real thing alike.
 */
import { CommandFailure, exitFailed } from '../failure.js'
import { hostsPath, linkedHostsNote, renameInHosts } from '../host-name/hosts-file.js'
import { readLink, readText, readWord } from '../files.js'
import type { Machine } from '../machine.js'
import type { Backend, ToolCall, WantedFile } from './backend.js'
import { cloudInitNotes } from './cloud-init.js'
import type { NetworkPlan } from './plan.js'
import { nameServersOf, renderResolvConf, resolvConfPath } from './resolv-conf.js'
import { readSources } from './sources.js'
import { hasTool } from './tool-search.js'

/** A file that changes. */
export interface FileChange extends WantedFile {
  /** `undefined` where there is none yet. */
  readonly earlier: string | undefined
}

/** What happens around the change of files. */
export interface Steps {
  readonly before: readonly ToolCall[]
  readonly after: readonly ToolCall[]
}

export interface NetworkChange {
  readonly plan: NetworkPlan
  readonly backend: Backend
  /** Only those that differ. */
  readonly files: readonly FileChange[]
  readonly forward: Steps
  readonly back: Steps
  /** For the caller: what was left alone, and why; who may undo it. */
  readonly notes: readonly string[]
}

interface ChangeRequest {
  readonly machine: Machine
  readonly plan: NetworkPlan
  readonly backend: Backend
  readonly signal: AbortSignal
}

const hostNamePath = '/etc/hostname'

/** @throws CommandFailure when a file stands in the way */
export async function planChange(request: ChangeRequest): Promise<NetworkChange> {
  const { machine, plan, backend } = request
  const existing = await readSources(machine, backend)
  const servers = await planNameServers(request)
  const name = await planHostName(request)
  const wanted = [...backend.render({ plan, existing }), ...servers.files, ...name.files]
  const files = await Promise.all(wanted.map(async (file) => await compare(machine, file)))
  // Neither way does an address stay that only the other files, or no file at all, gave.
  const flush = await flushes(request)
  const rendered = new Map([...existing, ...wanted.map(({ path, content }) => [path, content] as const)])
  const [now, then] = [
    { plan, existing },
    { plan, existing: rendered },
  ]
  return {
    plan,
    backend,
    files: files.filter(({ earlier, content }) => earlier !== content),
    forward: {
      before: backend.before(now),
      after: [...flush, ...backend.after(then), ...(backend.bringUp?.(plan) ?? []), ...name.forward],
    },
    back: {
      before: backend.before(then),
      after: [...flush, ...backend.after(now), ...(await undoOf(request)), ...name.back],
    },
    notes: [...servers.notes, ...name.notes, ...(await cloudInitNotes(machine))],
  }
}

async function compare(machine: Machine, file: WantedFile): Promise<FileChange> {
  const target = await readLink(machine, file.path)
  if (target !== undefined)
    throw new CommandFailure(
      `Cannot apply the network: ${file.path} is a symbolic link, and what it leads to is somebody else's; put a file in its place, or choose another backend with --backend`,
      exitFailed,
    )
  return { ...file, earlier: await readText(machine, file.path) }
}

async function flushes({ machine, plan }: ChangeRequest): Promise<readonly ToolCall[]> {
  if (!(await hasTool(machine, 'ip'))) return []
  return plan.interfaces.map(({ name }) => ['ip', 'address', 'flush', 'dev', name, 'scope', 'global'])
}

async function undoOf({
  machine,
  plan,
  backend: { observe, undo },
  signal,
}: ChangeRequest): Promise<readonly ToolCall[]> {
  if (observe === undefined || undo === undefined) return []
  const [file, ...args] = observe
  const told = await machine.run(file, args, { signal })
  return undo({ plan, observed: told?.stdout ?? '' })
}

async function planNameServers({
  machine,
  plan,
  backend,
}: ChangeRequest): Promise<{ readonly files: readonly WantedFile[]; readonly notes: readonly string[] }> {
  const servers = nameServersOf(plan)
  if (backend.bringsNameServers || servers.length === 0) return { files: [], notes: [] }
  const target = await readLink(machine, resolvConfPath)
  if (target === undefined) {
    const text = await readText(machine, resolvConfPath)
    return { files: [renderResolvConf({ text, servers })], notes: [] }
  }
  // These two take the name servers from the backend.
  if (/systemd\/resolve|resolvconf/.test(target)) return { files: [], notes: [] }
  return {
    files: [],
    notes: [`${resolvConfPath} is a link to ${target} and was left alone; see to the name servers there`],
  }
}

async function planHostName({ machine, plan: { hostName } }: ChangeRequest): Promise<{
  readonly files: readonly WantedFile[]
  readonly forward: readonly ToolCall[]
  readonly back: readonly ToolCall[]
  readonly notes: readonly string[]
}> {
  const earlier = await readWord(machine, '/proc/sys/kernel/hostname')
  if (hostName === undefined || hostName === earlier) return { files: [], forward: [], back: [], notes: [] }
  const set = (name: string): ToolCall => ['hostname', name]
  const hosts = await planHosts(machine, { oldName: earlier, name: hostName })
  return {
    files: [{ path: hostNamePath, content: `${hostName}\n`, mode: 0o644 }, ...hosts.files],
    forward: [set(hostName)],
    back: earlier === undefined ? [] : [set(earlier)],
    notes: hosts.notes,
  }
}

async function planHosts(
  machine: Machine,
  { oldName, name }: { readonly oldName: string | undefined; readonly name: string },
): Promise<{ readonly files: readonly WantedFile[]; readonly notes: readonly string[] }> {
  const target = await readLink(machine, hostsPath)
  if (target !== undefined) return { files: [], notes: [linkedHostsNote(target)] }
  const text = await readText(machine, hostsPath)
  if (text === undefined || oldName === undefined) return { files: [], notes: [] }
  const { text: content } = renameInHosts(text, { oldName, name })
  return { files: [{ path: hostsPath, content, mode: 0o644 }], notes: [] }
}
