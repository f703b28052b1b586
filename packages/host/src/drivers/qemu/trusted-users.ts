/**
 * Whose QEMU processes are believed: any user may start a program that calls itself QEMU and a guest's name, and would then
 * call the host in that guest's place.
 */
import { readFile } from 'node:fs/promises'

/** Under these users distributions run the machines of libvirt. */
const hypervisorUsers = ['libvirt-qemu', 'qemu']

/**
 * Root, the user that the daemon runs as, and libvirt's users where there are such.
 * @param passwd the users of this machine; tests give their own
 */
export async function trustedUsers(passwd = '/etc/passwd'): Promise<ReadonlySet<number>> {
  const lines = (await readFile(passwd, 'utf8').catch(() => '')).split('\n').map((line) => line.split(':'))
  const named = lines.filter(([name = '']) => hypervisorUsers.includes(name)).map(([, , id]) => Number(id))
  return new Set([0, process.geteuid?.() ?? 0, ...named])
}
