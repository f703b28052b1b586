/**
 * The image of a machine that is soaked: its daemon and its commands tell the record what they do, and a script in it calls the
 * host for as long as the machine runs.
 */
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Image } from '../machine/image.js'
import { buildNegotiatorImage } from '../machine/negotiator-image.js'
import type { Prerequisites } from '../machine/prerequisites.js'
import { guestCommand } from '../machine/story.js'
import type { Script } from '../machine/story.js'
import { recordDevice } from './guest-record.js'

/** The guest's scripts are not compiled, so they are found where they are written. */
const guestScripts = join(import.meta.dirname, '../../src/soak/guest')
const home = '/opt/soak'

/** The guest's caller ends when this file is there, and says so. */
export const stopFile = '/tmp/soak-stop'

/** It calls the host until then; started at boot. */
export const guestCaller = '/sbin/soak-calls'

/** Where the guest's audit log lies: a disk of sixteen megabytes. */
export const smallDisk = '/var/log/negotiator'

/** The name of the command that both sides call: `soak-note ID SECONDS BYTES`. */
export const noteName = 'soak-note'

/** What `soak-note` does once its execution is noted: gives so many bytes, and lives so long. */
const noteBody = `head -c "\${3:-0}" /dev/zero
exec sleep "\${2:-0}"
`

const guestNote: Script = {
  name: noteName,
  text: `#!/bin/sh
read boot < /proc/sys/kernel/random/boot_id
echo "executed $1 $boot.$PPID" > ${recordDevice}
${noteBody}`,
}

/** The host's: it appends to a file. @param file an absolute path */
export function hostNote(file: string): Script {
  return {
    name: noteName,
    text: `#!/bin/sh\necho "$1 $(date +%s%3N) host.$PPID" >> ${file}\n${noteBody}`,
  }
}

const program = `#!/bin/sh
if [ "$1" = daemon ]; then
  read boot < /proc/sys/kernel/random/boot_id
  echo "daemon $boot.$$" > ${recordDevice}
fi
exec node /opt/negotiator/bundle/main.js "$@"
`

/** Before the daemon starts: the record's line takes bytes as they are, and the disk of the audit log is a small one. */
const prepare = `#!/bin/sh
stty -F ${recordDevice} raw -echo
mkdir -p ${smallDisk}
mount -t tmpfs -o size=16m,mode=0750 tmpfs ${smallDisk}
`

const callForEver = `#!/bin/sh
until [ -e ${stopFile} ]; do
  node ${home}/calls.mjs ${recordDevice} ${stopFile} > /dev/console 2>&1
  sleep 1
done
`

const inittab = `::sysinit:/sbin/soak-prepare
::once:/etc/negotiator-start
::once:${guestCaller}
ttyS1::respawn:/sbin/negotiator-console
::ctrlaltdel:/sbin/reboot
`

/**
 * Builds it, or finds it in the cache.
 * @param folder keeps it for as long as the machine is started again and again: of the cache others' images take the place
 */
export async function buildSoakImage(prerequisites: Prerequisites, folder: string): Promise<Image> {
  const image = await buildNegotiatorImage({
    prerequisites,
    files: [
      guestCommand(guestNote),
      { from: guestScripts, to: home },
      { content: program, mode: 0o755, to: '/opt/negotiator/bin/negotiator-guest' },
      { content: prepare, mode: 0o755, to: '/sbin/soak-prepare' },
      { content: callForEver, mode: 0o755, to: guestCaller },
      { content: inittab, to: '/etc/inittab' },
    ],
  })
  const initramfs = join(folder, 'image.cpio')
  await copyFile(image.initramfs, initramfs)
  return { ...image, initramfs }
}
