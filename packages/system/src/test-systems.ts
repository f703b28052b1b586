/**
 * Systems for tests: what their files held and their tools printed when they were looked at, as far as commands read it.
 */
import type { TestMachineParts } from './test-machine.js'

const proc = {
  '/proc/sys/kernel/osrelease': '6.1.0-13-amd64\n',
  '/proc/sys/kernel/hostname': 'web1\n',
  '/proc/loadavg': '0.20 0.18 0.12 1/80 11206\n',
  '/proc/uptime': '350735.47 234388.90\n',
  '/proc/vmstat': 'nr_free_pages 59522\npgfault 1000\npgmajfault 10\npswpin 4\npswpout 8\n',
} as const

const oneVirtioDisk = {
  '/sys/block/vda/dev': '254:0\n',
  '/sys/block/vda/size': '4194304\n',
  '/sys/block/vda/ro': '0\n',
  '/sys/block/vda/removable': '0\n',
  '/sys/block/vda/serial': 'root-disk',
} as const

/** A Debian 12 with systemd, udev and dpkg. */
export const debian12: TestMachineParts = {
  files: {
    ...proc,
    ...oneVirtioDisk,
    '/etc/os-release': `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
`,
    '/etc/hosts':
      '127.0.0.1 localhost\n127.0.1.1 web1.example.org web1 # ours\n::1 localhost ip6-localhost\n',
    '/etc/localtime': '-> /usr/share/zoneinfo/Europe/Berlin',
    '/etc/timezone': 'Europe/London\n',
    '/proc/meminfo': `MemTotal:        2014268 kB
MemFree:          238088 kB
MemAvailable:    1574412 kB
Buffers:           61076 kB
Cached:          1348200 kB
SwapCached:            0 kB
SwapTotal:       1000444 kB
SwapFree:         999932 kB
HugePages_Total:       0
`,
    '/proc/cpuinfo': 'processor\t: 0\nmodel name\t: QEMU Virtual CPU version 2.5+ \nflags\t\t: fpu\n',
    '/proc/self/mountinfo': `22 28 0:20 / /sys rw,nosuid - sysfs sysfs rw
28 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro
29 28 0:25 / /run rw,nosuid shared:5 - tmpfs tmpfs rw,size=201428k
30 28 254:1 /srv /var/srv rw,relatime - ext4 /dev/vda1 rw
31 28 0:40 / /mnt/nas rw - nfs4 nas:/export rw
32 28 0:41 / /auto rw - autofs systemd-1 rw
`,
    '/sys/block/vda/vda1/partition': '1\n',
    '/sys/block/vda/vda1/dev': '254:1\n',
    '/sys/block/vda/vda1/size': '4192256\n',
    '/sys/block/vda/vda1/ro': '0\n',
    '/sys/block/loop0/size': '0\n',
    '/run/udev/data/b254:1':
      'S:disk/by-uuid/x\nE:ID_FS_TYPE=ext4\nE:ID_FS_UUID=5d1f\nE:ID_FS_LABEL_ENC=my\\x20disk\n',
    '/sys/devices/system/cpu/online': '0\n',
    '/sys/devices/system/cpu/present': '0-1\n',
    '/sys/devices/system/cpu/possible': '0-3\n',
    '/sys/devices/system/cpu/cpu0/topology/physical_package_id': '0\n',
    '/sys/devices/system/cpu/cpu0/topology/core_id': '0\n',
    '/sys/devices/system/clocksource/clocksource0/current_clocksource': 'kvm-clock\n',
    '/sys/class/net/lo/flags': '0x9\n',
    '/sys/class/net/lo/address': '00:00:00:00:00:00\n',
    '/sys/class/net/lo/mtu': '65536\n',
    '/sys/class/net/lo/operstate': 'unknown\n',
    '/sys/class/net/ens3/flags': '0x1003\n',
    '/sys/class/net/ens3/address': '52:54:00:AB:cd:ef\n',
    '/sys/class/net/ens3/mtu': '1500\n',
    '/sys/class/net/ens3/operstate': 'up\n',
    '/sys/class/net/ens10/flags': '0x1003\n',
    '/sys/class/net/ens10/address': '52:54:00:00:00:10\n',
    '/sys/class/net/ens10/operstate': 'down\n',
    '/sys/class/net/bonding_masters': '\n',
  },
  tools: {
    'loginctl list-sessions --no-legend --no-pager':
      '     c1 1000 alice seat0 tty2\n      7 1001 bob         pts/0\n',
    'loginctl show-session --no-pager -- c1 7': `Id=c1
User=1000
Name=alice
Timestamp=Sat 2026-11-21 18:30:00 UTC
Seat=seat0
TTY=tty2
Remote=no
Type=wayland
Class=user
Active=yes
State=active
LockedHint=yes

Id=7
User=1001
Name=bob
Timestamp=Sat 2026-11-21 19:00:01 UTC
TTY=pts/0
Remote=yes
RemoteHost=192.0.2.9
Class=user
Active=yes
State=active
LockedHint=no
`,
    'timedatectl show --property=NTPSynchronized --value': 'yes\n',
    'dpkg-query --show --showformat=${Package}\\t${Version}\\t${Architecture}\\t${db:Status-Status}\\n':
      'libc6\t2.36-9+deb12u4\tamd64\tinstalled\nold-one\t1.0\tall\tconfig-files\nlinux-image-amd64\t6.1.69-1\tamd64\tinstalled\n',
  },
  networkInterfaces: () => ({
    lo: [
      {
        address: '127.0.0.1',
        netmask: '255.0.0.0',
        family: 'IPv4',
        mac: '00:00:00:00:00:00',
        internal: true,
        cidr: '127.0.0.1/8',
      },
    ],
    ens3: [ipv4('192.0.2.7'), { ...ipv4('fe80::1'), family: 'IPv6', cidr: 'fe80::1/64', scopeid: 2 }],
    'ens3:1': [ipv4('192.0.2.8')],
  }),
  statFileSystem: async (path) =>
    path.endsWith('/sys')
      ? { bsize: 4096, blocks: 0, bfree: 0, bavail: 0 }
      : await Promise.resolve({ bsize: 4096, blocks: 500_000, bfree: 200_000, bavail: 174_000 }),
}

function ipv4(address: string) {
  const [netmask, mac] = ['255.255.255.0', '52:54:00:ab:cd:ef']
  return { address, netmask, family: 'IPv4', mac, internal: false, cidr: `${address}/24` } as const
}

/** A kernel with busybox and nothing else: no systemd, no udev, no packages, no file in /etc. */
export const minimal: TestMachineParts = {
  files: {
    ...proc,
    ...oneVirtioDisk,
    '/proc/meminfo': 'MemTotal:         221056 kB\nMemFree:          150000 kB\nCached: 20000 kB\n',
    '/proc/cpuinfo': 'processor\t: 0\nprocessor\t: 1\n',
    '/sys/class/net/lo/flags': '0x9\n',
    '/proc/self/mountinfo': '1 1 0:2 / / rw - rootfs rootfs rw\n20 1 0:20 / /proc rw - proc proc rw\n',
  },
  statFileSystem: async () => await Promise.resolve({ bsize: 4096, blocks: 0, bfree: 0, bavail: 0 }),
}

/** A Rocky Linux 9: rpm, chrony, logins in utmp. */
export const rocky9: TestMachineParts = {
  ...minimal,
  files: {
    ...minimal.files,
    '/usr/lib/os-release': `NAME="Rocky Linux"
VERSION="9.4 (Blue Onyx)"
ID="rocky"
ID_LIKE="rhel centos fedora"
VERSION_ID="9.4"
`,
    '/etc/localtime': '-> ../usr/share/zoneinfo/America/St_Johns',
  },
  tools: {
    'loginctl list-sessions --no-legend --no-pager': '',
    'timedatectl show --property=NTPSynchronized --value': {
      exitCode: 1,
      stderr: 'Failed to connect to bus',
    },
    'chronyc -c tracking':
      'C0000207,192.0.2.7,3,1700000000.1,0.0001,0.0,0.0,1.0,0.0,0.1,0.01,0.001,64.2,Normal\n',
    'hostname -f': 'web1.example.com\n',
    'rpm --query --all --queryformat %{NAME}\\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\\t%{ARCH}\\n':
      'gpg-pubkey\t1-2\t(none)\nbash\t5.1.8-9.el9\tx86_64\nopenssl\t1:3.0.7-27.el9\tx86_64\n',
  },
}

/** An Alpine Linux: apk, musl. */
export const alpine: TestMachineParts = {
  ...minimal,
  files: {
    ...minimal.files,
    '/etc/os-release':
      'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.1\nPRETTY_NAME="Alpine Linux v3.20"\n',
    '/lib/apk/db/installed': `C:Q1abc=
P:musl
V:1.2.5-r0
A:x86_64

C:Q1def=
P:busybox
V:1.36.1-r29
A:x86_64
F:bin
`,
  },
}

/** Where nothing can be read at all. */
export const nothing: TestMachineParts = {}
