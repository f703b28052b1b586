import { join } from 'node:path'
import { test } from 'tap'
import { findKernel } from './kernel.js'

interface Tree {
  [name: string]: string | Tree
}

function unpacked(release: string): Tree {
  return { boot: { [`vmlinuz-${release}`]: '' }, usr: { lib: { modules: { [release]: { kernel: {} } } } } }
}

test('findKernel() takes the newest kernel of the cache, with its modules', async (t) => {
  const [older, newer] = ['6.1.9-cloud-amd64', '6.1.10-cloud-amd64']
  const cacheDir = t.testdir({
    kernel: { [`linux-image-${older}`]: unpacked(older), [`linux-image-${newer}`]: unpacked(newer) },
  })
  const kernel = await findKernel({ cacheDir, download: false, log: () => {} })
  const root = join(cacheDir, `kernel/linux-image-${newer}`)
  t.strictSame(kernel, {
    kernel: join(root, `boot/vmlinuz-${newer}`),
    modulesDir: join(root, `usr/lib/modules/${newer}`),
  })
})

test('findKernel() passes over a kernel without modules', async (t) => {
  const whole = '6.1.9-cloud-amd64'
  const cacheDir = t.testdir({
    kernel: {
      'linux-image-6.2.0-cloud-amd64': { boot: { 'vmlinuz-6.2.0-cloud-amd64': '' } },
      [`linux-image-${whole}`]: unpacked(whole),
    },
  })
  t.match(await findKernel({ cacheDir, download: false, log: () => {} }), { kernel: /6\.1\.9/ })
})
