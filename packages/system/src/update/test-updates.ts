/**
 * Packages and the machines that take them, for tests.
 */
import { createHash, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Machine, ToolResult } from '../machine.js'
import { runTool } from '../run-tool.js'
import { testMachine } from '../test-machine.js'
import { encodeHead } from './update-package.js'
import type { UpdateManifest } from './update-package.js'

/** A program of this version; `wait` says whether its daemon can be called. */
export function programOf(version: string, { isUp = true }: { isUp?: boolean } = {}): string {
  return `#!/bin/sh
case $1 in
--version) echo ${version} ;;
wait) exit ${isUp ? 0 : 1} ;;
esac
`
}

/** A package, whole and signed unless told. */
export function packageOf(
  program: string,
  { key, ...told }: { key: KeyObject } & Partial<UpdateManifest>,
): Buffer {
  const sha256 = createHash('sha256').update(program).digest('hex')
  const manifest = {
    side: 'guest',
    version: '9.0.0',
    arch: 'any',
    sizeBytes: program.length,
    sha256,
    ...told,
  }
  return Buffer.concat([encodeHead(manifest, key), Buffer.from(program)])
}

interface UpdateMachine {
  readonly machine: Machine
  /** A private key that the machine trusts. */
  readonly key: KeyObject
  /** The words of what was planned. */
  readonly planned: string[][]
  /** Where its program lies. */
  readonly program: string
}

/** @param options.settings what update.toml says, and how planning ends */
export function updateMachine(
  t: Test,
  { settings = '', later = {} }: { settings?: string; later?: Partial<ToolResult> } = {},
): UpdateMachine {
  const { publicKey, privateKey: key } = generateKeyPairSync('ed25519')
  const planned: string[][] = []
  const run: Machine['run'] = async (file, args, options) => {
    if (file !== 'sh') return await runTool(file, args, options)
    planned.push([...args])
    return { exitCode: 0, stdout: '', stderr: '', ...later }
  }
  const machine = testMachine(t, { run })
  const program = join(machine.root, 'usr/local/bin/negotiator-guest')
  const keys = join(machine.root, 'etc/negotiator/update-keys')
  for (const folder of [keys, join(program, '..')]) mkdirSync(folder, { recursive: true })
  for (const folder of ['', 'etc', 'etc/negotiator', 'etc/negotiator/update-keys'])
    chmodSync(join(machine.root, folder), 0o755)
  place(join(keys, 'vendor.pem'), publicKey.export({ type: 'spki', format: 'pem' }).toString())
  place(join(keys, '../update.toml'), settings)
  place(program, programOf('0.1.0'))
  chmodSync(program, 0o755)
  return { machine, key, planned, program }
}

function place(path: string, text: string): void {
  writeFileSync(path, text)
  chmodSync(path, 0o644)
}
