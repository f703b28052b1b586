import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { test } from 'tap'
import type { Test } from 'tap'
import { modulesInLoadOrder } from './modules.js'

/** A kernel's folder of modules, each file of which depends on others. */
async function modulesFolder(t: Test, modules: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(t.testdir(), '6.1.0-cloud-amd64')
  await mkdir(join(folder, 'kernel/drivers/virtio'), { recursive: true })
  await writeFile(join(folder, 'modules.builtin'), 'kernel/lib/built-in.ko\n')
  for (const [file, depends] of Object.entries(modules)) {
    const content = Buffer.from(`\x7fELF code license=GPL\0depends=${depends}\0name=x\0`, 'latin1')
    await writeFile(
      join(folder, 'kernel/drivers/virtio', file),
      file.endsWith('.gz') ? gzipSync(content) : content,
    )
  }
  return folder
}

async function names(modulesDir: string, wanted: readonly string[]): Promise<string[]> {
  const modules = await modulesInLoadOrder({ modulesDir, names: wanted, busybox: 'busybox' })
  return modules.map(({ name }) => name)
}

test('modulesInLoadOrder() puts each module once, after what it depends on', async (t) => {
  const folder = await modulesFolder(t, {
    'virtio.ko': '',
    'virtio_ring.ko': 'virtio',
    'virtio-pci.ko': 'virtio_ring,virtio,built_in',
    'virtio_console.ko': 'virtio,virtio_ring',
    'other.ko': '',
  })
  const order = await names(folder, ['virtio_pci', 'virtio_console'])
  t.strictSame(order, ['virtio', 'virtio_ring', 'virtio_pci', 'virtio_console'])
})

test('modulesInLoadOrder() names the module that a kernel lacks', async (t) => {
  const folder = await modulesFolder(t, { 'virtio.ko': 'missing' })
  await t.rejects(names(folder, ['virtio']), /kernel 6\.1\.0-cloud-amd64 has no module missing/)
})
