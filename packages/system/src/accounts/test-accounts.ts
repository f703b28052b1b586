/**
 * Machines with users for tests, and a chpasswd that does to the machine's own shadow file what it is told to.
 */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { getgid, getuid } from 'node:process'
import type { Test } from 'tap'
import type { Machine, ToolResult } from '../machine.js'
import { testMachine } from '../test-machine.js'

/** What a test knows of a call of a tool. */
export interface Asked {
  readonly file: string
  readonly args: readonly string[]
  readonly input: string
}

/** A SHA-512 hash of a password that does not matter. */
export const hash: string = `$6$saltsalt$${'a'.repeat(86)}`
/** As Debian 12 makes them. */
export const yescrypt: string = `$y$j9T$F5Jx5fExrKuPp53xLKQ..1$${'b'.repeat(43)}`

/** Root has a yescrypt hash, alice is locked, bob has no password. */
export const userFiles: Readonly<Record<string, string>> = {
  '/etc/passwd':
    'root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n',
  '/etc/shadow': `root:${yescrypt}:19000:0:99999:7:::\nalice:!${hash}:19000::::::\nbob:*:19000::::::\n`,
  '/etc/group': 'root:x:0:\nstaff:x:50:\n',
}

/**
 * A machine whose chpasswd writes what `hashOf` makes of a password into shadow.
 * @returns it, and all that its tools were asked
 */
export function machineWithUsers(
  test: Test,
  {
    hashOf = () => hash,
    result = {},
  }: { hashOf?: (password: string) => string; result?: Partial<ToolResult> } = {},
): { readonly machine: Machine; readonly asked: Asked[]; readonly shadowOf: (user: string) => string } {
  const asked: Asked[] = []
  const run: Machine['run'] = async (file, args, { input = '' }) => {
    asked.push({ file, args, input: input.toString() })
    const [, user = '', secret = ''] = /^([^:]*):(.*)\n$/.exec(input.toString()) ?? []
    writeShadow(machine.root, { user, field: args.includes('-e') ? secret : hashOf(secret) })
    return await Promise.resolve({ exitCode: 0, stdout: '', stderr: '', ...result })
  }
  const machine = testMachine(test, { files: userFiles, run })
  return { machine, asked, shadowOf: (user) => fieldOf(machine.root, user) }
}

function shadowLines(root: string): string[][] {
  const lines = readFileSync(join(root, 'etc/shadow'), 'utf8').split('\n')
  return lines.map((line) => line.split(':'))
}

function fieldOf(root: string, user: string): string {
  return shadowLines(root).find(([name]) => name === user)?.[1] ?? ''
}

function writeShadow(root: string, { user, field }: { user: string; field: string }): void {
  const lines = shadowLines(root).map(([name = '', old = '', ...rest]) =>
    name === '' ? '' : [name, name === user ? field : old, ...rest].join(':'),
  )
  writeFileSync(join(root, 'etc/shadow'), lines.join('\n'))
}

/**
 * A machine with a user "me" who runs this test.
 * @param keys the text of the file with the user's keys; there is none unless told
 */
export function machineWithKeys(
  t: Test,
  keys?: string,
): { readonly machine: Machine; readonly home: string; readonly file: string } {
  const [uid, gid] = [getuid?.() ?? 0, getgid?.() ?? 0]
  const machine = testMachine(t, { files: { '/etc/passwd': `me:x:${uid}:${gid}::/home/me:/bin/sh\n` } })
  const home = join(machine.root, 'home/me')
  mkdirSync(home, { recursive: true })
  chmodSync(home, 0o755)
  const file = join(home, '.ssh/authorized_keys')
  if (keys !== undefined) {
    mkdirSync(join(home, '.ssh'), { mode: 0o700 })
    writeFileSync(file, keys, { mode: 0o644 })
  }
  return { machine, home, file }
}
