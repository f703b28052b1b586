/**
 * Where a kernel module is: loaded, built in, on the disk, forbidden, or nowhere.
 */
import { access, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * `present`: loaded or built in · `loadable`: on the disk · `blacklisted`: on the disk, and its loading by itself is
 * forbidden · `absent`: this kernel was made without it · `no-modules`: the running kernel's modules are not there at all
 */
export type KernelModule = {
  readonly name: string
  /** The running kernel's. */
  readonly release: string
} & (
  | { readonly kind: 'present' | 'loadable' | 'absent' | 'no-modules' }
  | { readonly kind: 'blacklisted'; readonly file: string }
)

/** Looks for a module, e.g. `virtio_console`. */
export async function findModule(machineRoot: string, name: string): Promise<KernelModule> {
  const read = async (path: string): Promise<string> =>
    await readFile(join(machineRoot, path), 'utf8').catch(() => '')
  const release = (await read('/proc/sys/kernel/osrelease')).trim()
  const folder = join('/lib/modules', release)
  const isLoaded = new RegExp(`^${name} `, 'm').test(await read('/proc/modules'))
  if (isLoaded || names(await read(join(folder, 'modules.builtin')), name))
    return { kind: 'present', name, release }
  if (!(await exists(join(machineRoot, folder)))) return { kind: 'no-modules', name, release }
  if (!names(await read(join(folder, 'modules.dep')), name)) return { kind: 'absent', name, release }
  const file = await blacklistFor(machineRoot, name)
  return file === undefined
    ? { kind: 'loadable', name, release }
    : { kind: 'blacklisted', file, name, release }
}

/** Whether a list of module files has this one; a file may have `-` where the name has `_`, and be compressed. */
function names(list: string, name: string): boolean {
  return new RegExp(`^(\\S*/)?${name.replaceAll('_', '[-_]')}\\.ko(\\.\\w+)?(:|$)`, 'm').test(list)
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}

async function blacklistFor(machineRoot: string, name: string): Promise<string | undefined> {
  for (const folder of ['/etc/modprobe.d', '/run/modprobe.d', '/usr/lib/modprobe.d', '/lib/modprobe.d']) {
    for (const entry of await readdir(join(machineRoot, folder)).catch(() => [])) {
      const text = await readFile(join(machineRoot, folder, entry), 'utf8').catch(() => '')
      if (new RegExp(`^\\s*blacklist\\s+${name}\\s*$`, 'm').test(text)) return join(folder, entry)
    }
  }
  return undefined
}
