/**
 * Finds a Debian cloud kernel with its modules: in our cache folder, else installed, else downloaded.
 *
 * The cloud flavour is small and boots fastest. It must never be installed by us: that would rewrite the boot
 * loader of the machine that runs the tests.
 */
import { access, constants, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isRoot, resolvePackage, unpackPackage, updatePackageLists } from './debian.js'

/** A bootable kernel image and the folder, named after its release, that holds its modules. */
export interface Kernel {
  readonly kernel: string
  readonly modulesDir: string
}

const metaPackage = 'linux-image-cloud-amd64'
const concretePackage = /^linux-image-.*-cloud-amd64$/
// Newer packages put modules below /usr.
const modulesFolders = ['lib/modules', 'usr/lib/modules']
const imageName = /^vmlinuz-(.*-cloud-amd64)$/

/** Where to look, and what may be done when nothing is found. */
export interface KernelOptions {
  readonly cacheDir: string
  readonly download: boolean
  readonly log: (line: string) => void
}

/**
 * @param options.cacheDir kernels are unpacked into its folder `kernel`
 * @param options.download fetch a kernel when there is none; needs apt, not root
 * @throws Error saying what to type when there is none and none can be fetched
 */
export async function findKernel({ cacheDir, download, log }: KernelOptions): Promise<Kernel> {
  const cache = join(cacheDir, 'kernel')
  const found = (await newestCached(cache)) ?? (await newestUnder('/'))
  if (found !== undefined) return found
  // When nothing comes of it the reason is in the log, and below is what to do.
  if (download) await downloadKernel(cache, log).catch((error: unknown) => log(String(error)))
  const downloaded = await newestCached(cache)
  if (downloaded !== undefined) return downloaded
  throw new Error(
    `Cannot run a test machine: no readable kernel vmlinuz-*-cloud-amd64 with its modules in ${cache} or /boot; ` +
      `type: sudo apt-get update; the next run can then download one`,
  )
}

async function downloadKernel(cache: string, log: (line: string) => void): Promise<void> {
  log(`downloading a kernel into ${cache} (it is not installed)`)
  if (isRoot()) await updatePackageLists()
  const name = await resolvePackage(metaPackage, concretePackage)
  if (name !== undefined) await unpackPackage({ name, folder: join(cache, name) })
}

async function newestCached(cache: string): Promise<Kernel | undefined> {
  for (const folder of newestFirst(await namesIn(cache)).filter((name) => concretePackage.test(name))) {
    const kernel = await newestUnder(join(cache, folder))
    if (kernel !== undefined) return kernel
  }
  return undefined
}

async function newestUnder(root: string): Promise<Kernel | undefined> {
  for (const image of newestFirst(await namesIn(join(root, 'boot')))) {
    const release = imageName.exec(image)?.[1]
    if (release === undefined) continue
    const kernel = join(root, 'boot', image)
    for (const modules of modulesFolders) {
      const modulesDir = join(root, modules, release)
      if ((await isReadable(kernel)) && (await isReadable(join(modulesDir, 'kernel'))))
        return { kernel, modulesDir }
    }
  }
  return undefined
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch {
    // A folder that is missing or closed to us holds no kernel for us.
    return []
  }
}

function newestFirst(names: readonly string[]): string[] {
  return names.toSorted((one, other) => other.localeCompare(one, 'en', { numeric: true }))
}

async function isReadable(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK)
    return true
  } catch {
    // Some distributions keep kernels readable by root only: to us such a kernel is not there.
    return false
  }
}
