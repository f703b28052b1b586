/**
 * The arguments that give a plain QEMU our channels, as text to paste into a shell.
 * Pure.
 */
import { join } from 'node:path'
import { channelNames, UsageError } from '@negotiator/common'
import type { ChannelName } from '@negotiator/common'

/** Where the sockets of guests lie that are started by hand. */
const socketFolder = '/run/guests'

const chardevIds: Readonly<Record<ChannelName, string>> = {
  'negotiator-host-to-guest.0': 'h2g',
  'negotiator-guest-to-host.0': 'g2h',
}

/**
 * Writes them.
 * @returns lines that a shell takes as they are: a folder for the sockets, and QEMU's arguments
 * @throws {UsageError} `bad-name` for a name that cannot be a folder
 */
export function qemuChannelArguments(guest: string): string {
  if (guest === '' || guest === '.' || guest === '..' || /[/\0\n]/.test(guest))
    throw new UsageError(
      `Cannot lay sockets for "${guest}": the name is that of a folder, so it has no slash and no line break`,
      { code: 'bad-name' },
    )
  const folder = join(socketFolder, guest)
  const options = [
    ['-name', `guest=${inOption(guest)}`],
    ['-device', 'virtio-serial-pci'],
    ...channelNames.flatMap((name) => [
      [
        '-chardev',
        `socket,id=${chardevIds[name]},path=${inOption(join(folder, `${name}.sock`))},server=on,wait=off`,
      ],
      ['-device', `virtserialport,chardev=${chardevIds[name]},name=${name}`],
    ]),
  ]
  const lines = options.map(([option = '', value = '']) => `  ${option} ${quoted(value)}`)
  return `mkdir -p ${quoted(folder)}\nqemu-system-x86_64 ... \\\n${lines.join(' \\\n')}\n`
}

/** In QEMU's options a comma ends a value unless it is doubled. */
function inOption(value: string): string {
  return value.replaceAll(',', ',,')
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
