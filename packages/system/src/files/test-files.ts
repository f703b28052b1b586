/**
 * A machine for tests whose administrator lets files below /srv be written and read.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Machine } from '../machine.js'
import { testMachine } from '../test-machine.js'

export const listed = 'write = ["/srv/**"]\nread = ["/srv/**"]\nmax-size = 1000\n'

/** @param rules what /etc/negotiator/files.toml says */
export function machineWithFiles(t: Test, rules: string = listed): Machine {
  const machine = testMachine(t, {
    files: { '/etc/passwd': 'root:x:0:0::/root:/bin/sh\n', '/etc/group': 'root:x:0:\nstaff:x:50:\n' },
  })
  mkdirSync(join(machine.root, 'srv'))
  mkdirSync(join(machine.root, 'etc/negotiator'))
  for (const folder of ['', 'srv', 'etc', 'etc/negotiator']) chmodSync(join(machine.root, folder), 0o755)
  const path = join(machine.root, 'etc/negotiator/files.toml')
  writeFileSync(path, rules)
  chmodSync(path, 0o644)
  return machine
}
