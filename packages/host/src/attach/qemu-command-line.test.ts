import { execFileSync } from 'node:child_process'
import { guestToHost, hostToGuest, parseQemuCommandLine } from '@negotiator/common'
import { test } from 'tap'
import { qemuChannelArguments } from './qemu-command-line.js'

test('qemuChannelArguments() gives a QEMU its channels when a shell puts them on its command line', (t) => {
  for (const name of ['web1', 'a', '_x', 'Web-1.example_com']) {
    const printed = execFileSync('sh', ['-c', `printf '%s\\0' $(cat)`], {
      encoding: 'utf8',
      input: qemuChannelArguments(name),
    })
    const argv = ['qemu-system-x86_64', ...printed.split('\0')]
    t.match(parseQemuCommandLine({ argv, folder: '/' }).sockets, {
      [hostToGuest]: `/run/negotiator-guests/${name}/${hostToGuest}.sock`,
      [guestToHost]: `/run/negotiator-guests/${name}/${guestToHost}.sock`,
    })
    t.match(argv.slice(1, 3), ['-device', 'virtio-serial-pci'])
  }
  t.end()
})

test('qemuChannelArguments() refuses a name that a shell would not leave alone', (t) => {
  for (const name of ['', '.', '..', '-x', 'a/b', 'two words', 'a,b', '$(id)', '*', "it's", 'a\nb']) {
    t.throws(() => qemuChannelArguments(name), {
      code: 'bad-name',
      message:
        /^Cannot write arguments for ".*": letters, digits and "\._-" make a name .*, or write the arguments/s,
    })
  }
  t.end()
})
