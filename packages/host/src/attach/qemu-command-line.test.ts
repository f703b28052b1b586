import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { guestToHost, hostToGuest, parseQemuCommandLine } from '@negotiator/common'
import { test } from 'tap'
import { testFolder } from '../drivers/test-world.js'
import { qemuChannelArguments } from './qemu-command-line.js'

test('qemuChannelArguments() is what README tells to paste', (t) => {
  t.equal(
    qemuChannelArguments('web1'),
    `mkdir -p /run/guests/web1
qemu-system-x86_64 ... \\
  -name guest=web1 \\
  -device virtio-serial-pci \\
  -chardev socket,id=h2g,path=/run/guests/web1/negotiator-host-to-guest.0.sock,server=on,wait=off \\
  -device virtserialport,chardev=h2g,name=negotiator-host-to-guest.0 \\
  -chardev socket,id=g2h,path=/run/guests/web1/negotiator-guest-to-host.0.sock,server=on,wait=off \\
  -device virtserialport,chardev=g2h,name=negotiator-guest-to-host.0
`,
  )
  t.end()
})

test('qemuChannelArguments() gives a QEMU its channels through a shell, whatever its name', (t) => {
  const folder = testFolder(t)
  for (const name of ['web1', 'two words', `it's "$HOME"`, 'a,b=c', '--help', '$(touch pwned)']) {
    const script = qemuChannelArguments(name)
      .replaceAll('/run/guests', folder)
      .replace('qemu-system-x86_64 ...', `printf '%s\\0'`)
    const argv = [
      'qemu-system-x86_64',
      ...execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0'),
    ]
    t.match(parseQemuCommandLine({ argv, folder: '/' }), {
      name,
      sockets: {
        [hostToGuest]: join(folder, name, `${hostToGuest}.sock`),
        [guestToHost]: join(folder, name, `${guestToHost}.sock`),
      },
    })
    t.ok(existsSync(join(folder, name)))
  }
  t.end()
})

test('qemuChannelArguments() refuses a name that cannot be a folder', (t) => {
  for (const name of ['', '.', '..', 'a/b', 'a\nb']) {
    t.throws(() => qemuChannelArguments(name), {
      code: 'bad-name',
      message: /^Cannot lay sockets for ".*": the name is that of a folder, so it has no slash/s,
    })
  }
  t.end()
})
