/**
 * Check: can QEMU make its sockets where a domain's definition says?
 * Only of domains that are off: they do not start otherwise. Where the definition names no path, libvirt makes the folder.
 */
import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { shellWord } from '@negotiator/common'
import type { Check, Finding } from '@negotiator/common'
import type { ExaminedGuest, HostScene } from './host-scene.js'

/** Looks at the folders that definitions name, with the eyes of the user that QEMU runs as. */
export const channelFoldersCheck: Check<HostScene> = {
  name: 'channel-folders',
  look: async ({ guests, machineRoot }) => {
    const user = await qemuUser(machineRoot)
    const findings = guests
      .filter(({ state }) => state === 'off')
      .flatMap((guest) => foldersOf(guest).map(async (folder) => await ofFolder(guest, { folder, user })))
    return (await Promise.all(findings)).flat()
  },
}

/** Whom libvirt runs QEMU as. */
interface QemuUser {
  readonly name: string
  readonly id: number
  readonly groupId: number
}

/** What libvirt was built with, in Debian's and in Fedora's family, unless its configuration says otherwise. */
const usualUsers = ['libvirt-qemu', 'qemu']

async function qemuUser(machineRoot: string): Promise<QemuUser | undefined> {
  const read = async (path: string): Promise<string> =>
    await readFile(join(machineRoot, path), 'utf8').catch(() => '')
  const [, configured] = /^\s*user\s*=\s*"\+?([^"]+)"/m.exec(await read('/etc/libvirt/qemu.conf')) ?? []
  const wanted = configured === undefined ? usualUsers : [configured]
  const users = (await read('/etc/passwd')).split('\n').map((line) => line.split(':'))
  const [name, , id, groupId] = users.find(([user = '']) => wanted.includes(user)) ?? []
  return name === undefined ? undefined : { name, id: Number(id), groupId: Number(groupId) }
}

function foldersOf({ definition }: ExaminedGuest): readonly string[] {
  return [...new Set(Object.values(definition?.definedSockets ?? {}).map((path) => dirname(path)))]
}

async function ofFolder(
  { name: guest }: ExaminedGuest,
  { folder, user }: { folder: string; user: QemuUser | undefined },
): Promise<readonly Finding[]> {
  const stats = await stat(folder).catch(() => undefined)
  const owner = user === undefined ? 'libvirt-qemu:kvm' : `${user.name}:`
  const fault = {
    severity: 'error',
    guest,
    why: 'QEMU makes its sockets there, so the machine does not start.',
  } as const
  if (stats === undefined)
    return [
      {
        ...fault,
        code: 'channel-folder-missing',
        found: `the folder "${folder}" that its definition names for its channels does not exist`,
        mend: `mkdir -p ${shellWord(folder)} && chown ${owner} ${shellWord(folder)}`,
      },
    ]
  if (user === undefined || user.id === 0) return []
  const bits = stats.uid === user.id ? 0o300 : stats.gid === user.groupId ? 0o030 : 0o003
  if ((stats.mode & bits) === bits) return []
  return [
    {
      ...fault,
      code: 'channel-folder-owner',
      found: `QEMU runs as ${user.name} and may not write to the folder "${folder}" of its channels (user ${stats.uid}, mode ${(stats.mode & 0o777).toString(8)})`,
      mend: `chown ${owner} ${shellWord(folder)} && chmod u+rwx ${shellWord(folder)}`,
    },
  ]
}
