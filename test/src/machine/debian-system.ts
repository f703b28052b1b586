/**
 * What a Debian guest gets on top of Debian: a shell for `GuestConsole`, its log on the first serial port, and no
 * chores that a test would wait for.
 *
 * Nothing here has to do with Negotiator. The system is otherwise as Debian's packages leave it: systemd, udev and
 * supervisord start as on any Debian machine.
 */
import { consoleScript } from './guest-system.js'
import type { ImageFile } from './image-contents.js'

/** Debian's release; the packages that make it a machine, and what a guest with Negotiator has besides. */
export const debianRelease: { readonly suite: string; readonly packages: readonly string[] } = {
  suite: 'bookworm',
  // With systemd's own, three of the ways in which a guest's network may be run.
  packages: ['systemd-sysv', 'udev', 'kmod', 'dbus', 'supervisor', 'ifupdown', 'netplan.io'],
}

/** Found by udev, as on any machine. */
export const debianModules: readonly string[] = ['virtio_pci', 'virtio_blk', 'virtio_console', 'virtio_net']

/** What finds the root file system; the rest is udev's affair. */
export const bootModules: readonly string[] = ['virtio_pci', 'virtio_blk']

// All that an initramfs does on Debian, too: bring the disk, then hand over.
const bootInit = `#!/bin/sh
mount -t proc proc /proc
mount -t devtmpfs devtmpfs /dev
while read -r module; do insmod "/lib/modules/$module.ko"; done </lib/modules/load-order
until [ -b /dev/vda ]; do sleep 0.05; done
mount -t ext4 /dev/vda /root
for word in $(cat /proc/cmdline); do
  case $word in
    negotiator.hostname=*) echo "\${word#*=}" >/root/etc/hostname ;;
  esac
done
mount --move /proc /root/proc
mount --move /dev /root/dev
exec switch_root /root /sbin/init
`

/** The initramfs. */
export const bootFiles: readonly ImageFile[] = [
  { to: '/init', content: bootInit, mode: 0o755 },
  ...['proc', 'dev', 'root'].map((folder) => ({ to: `/${folder}/.keep`, content: '' })),
]

const consoleUnit = `[Unit]
Description=A shell for the tests

[Service]
ExecStart=/usr/local/sbin/negotiator-console
StandardInput=tty-force
StandardOutput=tty
TTYPath=/dev/ttyS1
Restart=always
RestartSec=0
# What a test leaves running in the background is its own affair.
KillMode=process

[Install]
WantedBy=multi-user.target
`

// Nothing of these is missed in a machine that lives for two minutes, and each takes seconds where it is emulated.
const masked = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'fstrim.timer',
  'getty@tty1.service',
  'serial-getty@ttyS0.service',
  'systemd-pstore.service',
]

/** The additions to the root file system. */
export const debianAdditions: readonly ImageFile[] = [
  { to: '/usr/local/sbin/negotiator-console', content: consoleScript, mode: 0o755 },
  { to: '/etc/systemd/system/test-console.service', content: consoleUnit },
  {
    to: '/etc/systemd/system/multi-user.target.wants/test-console.service',
    target: '/etc/systemd/system/test-console.service',
  },
  {
    to: '/etc/systemd/journald.conf.d/test.conf',
    content: '[Journal]\nForwardToConsole=yes\nTTYPath=/dev/ttyS0\nStorage=volatile\n',
  },
  ...masked.map((unit) => ({ to: `/etc/systemd/system/${unit}`, target: '/dev/null' })),
  { to: '/etc/fstab', content: '/dev/vda / ext4 rw 0 0\n/dev/vdb /media ext4 ro 0 0\n' },
]
