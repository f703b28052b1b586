/**
 * A guest in a folder: tools of a few lines that stand for systemd-networkd, `ip` and others, and a clock that the test sets.
 * No tool of this machine runs but a shell and what its scripts need; they see this folder only.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import type { Machine } from '../machine.js'
import { runTool } from '../run-tool.js'
import { callCommand, testMachine } from '../test-machine.js'
import type { Called } from '../test-machine.js'
import { command } from './apply-network.js'
import { changeFolder } from './scripts.js'

const folder = '/etc/systemd/network'

/** `networkctl` gives the interface what its file says; a file with the word `broken` is refused. */
const tools = {
  networkctl: `if [ "$1" = reconfigure ]; then
  grep -qs broken "$root${folder}"/*.network && { echo "it is broken" >&2; exit 1; }
  sed -n 's/^Address=//p' "$root${folder}"/*.network >"$root/addresses" 2>/dev/null || :
fi`,
  ip: `case "$*" in
*flush*) : >"$root/addresses" ;;
*) printf '[{"addr_info":['
  comma=
  while IFS=/ read -r address length; do
    printf '%s{"local":"%s","prefixlen":%s}' "$comma" "$address" "$length"
    comma=,
  done <"$root/addresses"
  printf ']}]' ;;
esac`,
  systemctl: 'echo active',
  hostname: 'echo "$1" >"$root/proc/sys/kernel/hostname"',
} as const

/** Of its interface. */
export const mac = 'bc:76:4e:08:db:a9'

/** A guest that systemd-networkd runs, with one interface, `eth0`, and a file of its own about it. */
export class TestGuest {
  readonly machine: Machine
  readonly root: string

  constructor(t: Test, more: Readonly<Record<string, string>> = {}) {
    const machine = testMachine(t, {
      files: {
        '/sys/class/net/eth0/address': `${mac.toUpperCase()}\n`,
        '/sys/class/net/eth0/type': '1\n',
        '/sys/class/net/lo/address': '00:00:00:00:00:00\n',
        '/sys/class/net/lo/type': '772\n',
        '/proc/uptime': '1000.50 1.00\n',
        '/proc/sys/kernel/hostname': 'old\n',
        '/proc/sys/kernel/random/boot_id': 'boot-1\n',
        '/addresses': '203.0.113.9/24\n',
        [`${folder}/20-lan.network`]: '[Match]\nName=eth0\n[Network]\nAddress=203.0.113.9/24\n',
        ...more,
      },
    })
    this.root = machine.root
    this.machine = {
      ...machine,
      run: async (file, args, options) => await runTool(this.#pathOf(file), args, options),
    }
    for (const [name, text] of Object.entries(tools)) this.addTool(name, text)
  }

  /** A shell script that knows the folder as `$root`; every call of it is written down. */
  addTool(name: string, text: string): void {
    const path = join(this.root, 'usr/bin', name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `#!/bin/sh\nroot=${this.root}\necho "${name} $*" >>"$root/calls"\n${text}\n`)
    chmodSync(path, 0o755)
  }

  /** @param text what `systemd-run` does */
  addSystemd(text: string): void {
    this.addTool('systemd-run', text)
    this.write('/run/systemd/system/.keep', '')
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.root + path), { recursive: true })
    writeFileSync(this.root + path, text)
  }

  /** The text of a file; `undefined` when it is not there. */
  read(path: string): string | undefined {
    return existsSync(this.root + path) ? readFileSync(this.root + path, 'utf8') : undefined
  }

  has(path: string): boolean {
    return existsSync(this.root + path)
  }

  get addresses(): string[] {
    return (this.read('/addresses') ?? '').trim().split('\n')
  }

  /** What tools were called, a line each. */
  get calls(): string[] {
    return (this.read('/calls') ?? '').trim().split('\n')
  }

  /** Resolves when the change has come so far. */
  async until(marker: string): Promise<void> {
    // Its folder is made beside, and moved into place.
    const folder = this.root + changeFolder
    mkdirSync(dirname(folder), { recursive: true })
    await untilThere(folder)
    await untilThere(join(folder, marker))
  }

  #pathOf(file: string): string {
    return file === 'sh' ? '/bin/sh' : join(this.root, 'usr/bin', file)
  }
}

async function untilThere(path: string): Promise<void> {
  const watcher = watch(dirname(path))
  try {
    while (!existsSync(path)) await new Promise((resolve) => watcher.once('change', resolve))
  } finally {
    watcher.close()
  }
}

/** What a change writes for systemd-networkd. */
export const ownPath: string = '/etc/systemd/network/05-negotiator-eth0.network'
/** The addresses that it has before. */
export const earlier: readonly string[] = ['203.0.113.9/24']
/** A record of its interface. */
export const record: Readonly<Record<string, unknown>> = {
  label: 'public',
  mac,
  gateway: '192.0.2.1',
  ips: [{ ip: '192.0.2.42', enabled: '1', netmask: '255.255.255.0' }],
  ip6s: [{ ip: '2001:db8::42', enabled: '1', netmask: 64 }],
}

interface Request {
  readonly args?: readonly string[]
  readonly records?: unknown
}

/** Calls `apply-network`, by default with the record. */
export async function call(
  { machine }: TestGuest,
  { args = [], records = [record] }: Request = {},
): Promise<Called> {
  return await callCommand(command, { machine, args, stdin: JSON.stringify(records) })
}

/** A guest, whose watchdog is ended with the test. */
export function setGuest(t: Test, files: Readonly<Record<string, string>> = {}): TestGuest {
  const guest = new TestGuest(t, files)
  t.teardown(() => rmSync(guest.root + changeFolder, { recursive: true, force: true }))
  return guest
}

/** How a call ends that is refused. */
export const refused = (
  stderr: string | RegExp,
  exitCode: number,
): { readonly exitCode: number; readonly stdout: string; readonly stderr: string | RegExp } => ({
  exitCode,
  stdout: '',
  stderr,
})
