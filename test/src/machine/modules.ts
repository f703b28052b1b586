/**
 * Collects kernel modules in the order in which they must be loaded.
 *
 * Reads what each module says of itself, for a kernel that was unpacked but not installed has no modules.dep.
 */
import { readFile, readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { execa } from 'execa'

/** One module, uncompressed, ready for insmod. */
export interface KernelModule {
  readonly name: string
  readonly content: Buffer
}

const moduleFile = /^(.+)\.ko(\.[a-z0-9]+)?$/
const builtInList = 'modules.builtin'

/**
 * @param options.modulesDir the folder named after the kernel's release
 * @param options.names the modules wanted, without what they depend on
 * @param options.busybox unpacks modules that come compressed with xz or gzip
 * @returns the modules and everything below them, dependencies first; built-in ones are left out
 * @throws Error when the kernel has no such module
 */
export async function modulesInLoadOrder(options: {
  readonly modulesDir: string
  readonly names: readonly string[]
  readonly busybox: string
}): Promise<KernelModule[]> {
  const { modulesDir, names, busybox } = options
  const paths = await modulePaths(modulesDir)
  const builtIn = new Set((await readFile(join(modulesDir, builtInList), 'utf8')).split('\n').map(moduleName))
  const ordered = new Map<string, KernelModule>()

  const add = async (name: string): Promise<void> => {
    if (ordered.has(name) || builtIn.has(name)) return
    const path = paths.get(name)
    if (path === undefined)
      throw new Error(`Cannot build an image: kernel ${basename(modulesDir)} has no module ${name}`)
    const content = await readModule(path, busybox)
    for (const dependency of dependenciesOf(content)) await add(dependency)
    ordered.set(name, { name, content })
  }
  for (const name of names) await add(name)
  return [...ordered.values()]
}

async function modulePaths(modulesDir: string): Promise<Map<string, string>> {
  const files = await readdir(join(modulesDir, 'kernel'), { recursive: true })
  return new Map(files.map((file) => [moduleName(file), join(modulesDir, 'kernel', file)]))
}

/** The kernel's own name for a module file: it takes dashes for underscores. */
function moduleName(path: string): string {
  return (moduleFile.exec(basename(path))?.[1] ?? '').replaceAll('-', '_')
}

async function readModule(path: string, busybox: string): Promise<Buffer> {
  if (path.endsWith('.ko')) return await readFile(path)
  const applet = path.endsWith('.xz') ? 'unxz' : 'gunzip'
  const { stdout } = await execa(busybox, [applet, '-c', path], { encoding: 'buffer' })
  return Buffer.from(stdout)
}

/** A module carries `depends=one,other` as a NUL-terminated string of its `.modinfo` section. */
function dependenciesOf(content: Buffer): string[] {
  const key = Buffer.from('\0depends=')
  const start = content.indexOf(key)
  if (start === -1) return []
  const from = start + key.length
  const list = content.toString('latin1', from, content.indexOf(0, from))
  return list.split(',').filter((name) => name !== '')
}
