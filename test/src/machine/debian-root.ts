/**
 * Builds the disk that a Debian guest boots from: Debian's own packages, fetched by apt as this machine's apt is
 * configured, and the few additions of debian-system.ts.
 *
 * Built once and kept beside kernels and images, named by the hash of what it is made of. Needs root, for the files
 * in it belong to many users.
 */
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { execa } from 'execa'
import { isRoot } from './debian.js'
import { debianAdditions, debianModules, debianRelease } from './debian-system.js'
import { placeFiles, writeDisk } from './disk.js'
import { deleteOldest, markUsed } from './image.js'
import type { ImageFile } from './image-contents.js'
import { modulesInLoadOrder } from './modules.js'
import { ensureInstalled } from './prerequisites.js'
import type { Prerequisites } from './prerequisites.js'

const builders = [{ program: 'mmdebstrap', package: 'mmdebstrap' }]
const buildTimeoutMs = 600_000
// The system takes a quarter of it; the rest is for what a test installs.
const diskMb = 1024
/** Each has a quarter of a gigabyte, and a new kernel makes a new one. */
const disksKeptMax = 3

/**
 * @param options.log is told when a disk has to be built, which takes about a minute
 * @returns the path of a disk that must be used read-only, through snapshots
 * @throws Error when there is none yet and this is not root
 */
export async function buildDebianRoot({
  prerequisites,
  log,
}: {
  readonly prerequisites: Prerequisites
  readonly log: (line: string) => void
}): Promise<string> {
  const additions = [...debianAdditions, ...(await moduleFiles(prerequisites))]
  const disks = join(prerequisites.cacheDir, 'debian')
  const path = join(disks, `${contentHash(additions)}.ext4`)
  if (await markUsed(path)) return path
  if (!isRoot()) throw new Error('Cannot build the Debian guest: that needs root, once; the disk is kept')
  await ensureInstalled(builders, { install: true, log })
  log(`building a Debian guest into ${path}`)
  await mkdir(disks, { recursive: true })
  const folder = await mkdtemp(join(tmpdir(), 'negotiator-debian-'))
  try {
    await bootstrap(folder)
    await placeFiles({ folder, files: additions })
    await execa('chroot', [folder, 'depmod', basename(prerequisites.modulesDir)])
    await writeDisk({ folder, path, sizeMb: diskMb })
    await deleteOldest(disks, disksKeptMax)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return path
}

async function bootstrap(folder: string): Promise<void> {
  const { suite, packages } = debianRelease
  const unwanted = ['doc', 'man', 'locale'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`)
  const args = ['--mode=root', '--variant=minbase', `--include=${packages.join(',')}`, ...unwanted]
  await execa('mmdebstrap', [...args, suite, folder, ...(await sourceLines(suite))], {
    stdin: 'ignore',
    timeout: buildTimeoutMs,
  })
}

/** Where this machine's apt gets the release from: its mirror may be the only one that can be reached. */
async function sourceLines(suite: string): Promise<string[]> {
  const fields = '$(REPO_URI) $(CODENAME) $(COMPONENT)'
  const wanted = ['Created-By: Packages', 'Origin: Debian']
  const { stdout } = await execa('apt-get', ['indextargets', '--format', fields, ...wanted], {
    reject: false,
  })
  const lines = stdout.split('\n').filter((line) => new RegExp(` ${suite}(-updates|-security)? `).test(line))
  // With none, mmdebstrap takes Debian's own server.
  return [...new Set(lines)].map((line) => `deb ${line}`)
}

async function moduleFiles({ modulesDir, busybox }: Prerequisites): Promise<ImageFile[]> {
  const home = `/lib/modules/${basename(modulesDir)}`
  const modules = await modulesInLoadOrder({ modulesDir, names: debianModules, busybox })
  return [
    ...modules.map(({ name, content }) => ({ to: `${home}/kernel/${name}.ko`, content })),
    ...['modules.builtin', 'modules.order'].map((name) => ({
      from: join(modulesDir, name),
      to: `${home}/${name}`,
    })),
  ]
}

function contentHash(files: readonly ImageFile[]): string {
  const hash = createHash('sha256').update(JSON.stringify(debianRelease))
  for (const file of files) {
    hash.update(JSON.stringify({ ...file, content: undefined }))
    if ('content' in file) hash.update(file.content)
  }
  return hash.digest('hex').slice(0, 32)
}
