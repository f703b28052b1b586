/**
 * The arguments that give a plain QEMU our channels, to stand on its command line as `$(negotiator-host attach --qemu web1)`.
 * Pure. Such words go through no shell's quoting, so what would need it is refused.
 */
import { join } from 'node:path'
import { channelNames, UsageError } from '@negotiator/common'
import type { ChannelName } from '@negotiator/common'

/** Where the sockets of guests lie that are started by hand. */
const socketFolder = '/run/negotiator-guests'

const chardevIds: Readonly<Record<ChannelName, string>> = {
  'negotiator-host-to-guest.0': 'h2g',
  'negotiator-guest-to-host.0': 'g2h',
}

/**
 * Writes them.
 * @returns lines of an option and its value each; the sockets' folder has to be there when QEMU starts
 * @throws {UsageError} `bad-name`
 */
export function qemuChannelArguments(guest: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(guest))
    throw new UsageError(
      `Cannot write arguments for "${guest}": letters, digits and "._-" make a name that is a folder's, too, and that ` +
        'a shell leaves alone; call the guest so, or write the arguments by hand as docs/plain-qemu.md has them',
      { code: 'bad-name' },
    )
  const options = [
    ['-device', 'virtio-serial-pci'],
    ...channelNames.flatMap((name) => {
      const path = join(socketFolder, guest, `${name}.sock`)
      return [
        ['-chardev', `socket,id=${chardevIds[name]},path=${path},server=on,wait=off`],
        ['-device', `virtserialport,chardev=${chardevIds[name]},name=${name}`],
      ]
    }),
  ]
  return options.map((words) => `${words.join(' ')}\n`).join('')
}
