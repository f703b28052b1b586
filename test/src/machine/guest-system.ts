/**
 * The guest's own small system: the scripts that start it and the files that any Linux expects.
 *
 * Shell only, run by busybox. The scripts know nothing of the project's daemon: what shall run in the guest is
 * the caller's `/etc/negotiator-start`.
 */
import { greeting } from './console-wire.js'
import type { ImageFile } from './image-contents.js'

/** Run in the background as soon as the machine is up; its output goes to the machine's log. */
export const startScriptPath = '/etc/negotiator-start'

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

// The kernel makes the root folder writable by everybody, and then no command in it could be trusted.
const init = `#!/bin/sh
export ${path}
chmod 755 /
mkdir -p /proc /sys /dev /tmp /run /root /var/lib
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs -o mode=0755 tmpfs /run
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin
ln -s fd/1 /dev/stdout
ln -s fd/2 /dev/stderr
while read -r module; do insmod "/lib/modules/$module.ko"; done </lib/modules/load-order
for word in $(cat /proc/cmdline); do
  case $word in
    negotiator.hostname=*) hostname "\${word#*=}" ;;
    negotiator.ports=*) link-virtio-ports "\${word#*=}" ;;
  esac
done
ip link set lo up
exec /sbin/init
`

// Where there is no udev nobody makes these links. A port's name arrives a moment after the port itself.
const linkVirtioPorts = `#!/bin/sh
wanted=$1
mkdir -p /dev/virtio-ports
for attempt in $(seq 100); do
  for port in /sys/class/virtio-ports/*; do
    name=$(cat "$port/name" 2>/dev/null) && ln -sf "../\${port##*/}" "/dev/virtio-ports/$name"
  done
  [ "$(ls /dev/virtio-ports | wc -l)" -ge "$wanted" ] && exit
  sleep 0.05
done
echo "link-virtio-ports: fewer than $wanted named ports" >&2
`

const inittab = `::once:${startScriptPath}
ttyS1::respawn:/sbin/negotiator-console
::ctrlaltdel:/sbin/reboot
`

/** The shell behind `GuestConsole`, on a serial line of its own. Both directions are described in console-wire.ts. */
export const consoleScript: string = `#!/bin/sh
export ${path} HOME=/root
cd /root
stty raw -echo isig
trap : INT
files=/run/negotiator-console
mkdir -p $files
echo "${greeting} $(cat /proc/sys/kernel/random/boot_id)"
while read -r id command input; do
  echo "$command" | base64 -d >$files/command
  echo "$input" | base64 -d >$files/input
  sh $files/command <$files/input >$files/stdout 2>$files/stderr
  status=$?
  stdout=$(stat -c %s $files/stdout)
  stderr=$(stat -c %s $files/stderr)
  echo "$id $status $stdout $stderr"
  head -c "$stdout" $files/stdout
  head -c "$stderr" $files/stderr
  rm $files/*
done
`

const passwd = `root:x:0:0:root:/root:/bin/sh
alice:x:1000:1000:Alice:/tmp:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/bin/false
`

const group = `root:x:0:
negotiator:x:900:alice
alice:x:1000:
nogroup:x:65534:
`

/** Everything in the image that is neither a program nor a module. */
export const guestSystem: readonly ImageFile[] = [
  { to: '/init', content: init, mode: 0o755 },
  { to: '/sbin/link-virtio-ports', content: linkVirtioPorts, mode: 0o755 },
  { to: '/sbin/negotiator-console', content: consoleScript, mode: 0o755 },
  { to: startScriptPath, content: '#!/bin/sh\n', mode: 0o755 },
  { to: '/etc/inittab', content: inittab },
  { to: '/etc/passwd', content: passwd },
  { to: '/etc/group', content: group },
  { to: '/etc/hosts', content: '127.0.0.1 localhost\n' },
]
