/**
 * The packed programs, as `pnpm pack:all` makes them from what was built last.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Test } from 'tap'

/** Both sides of everything that is packed. */
export interface Packed {
  readonly host: PackedProgram
  readonly guest: PackedProgram
  /** The folder with the files for supervisord, systemd and udev. */
  readonly packaging: string
}

/** One program, packed in three ways; paths. */
export interface PackedProgram {
  readonly npmPackage: string
  readonly singleFile: string
  readonly executable: string
}

const packScript = join(import.meta.dirname, '../../../scripts/pack.mjs')
const packTimeoutMs = 180_000

/** Packs into a folder of the test's own, which is removed with it. */
export async function packAll(t: Test): Promise<Packed> {
  const out = await mkdtemp(join(tmpdir(), 'negotiator-packed-'))
  t.teardown(async () => await rm(out, { recursive: true, force: true }))
  await execa(process.execPath, [packScript, '--no-build', '--out', out], { timeout: packTimeoutMs })
  const names = await readdir(out)
  const program = (side: string): PackedProgram => ({
    npmPackage: join(out, only(names, new RegExp(`^negotiator-${side}-[\\d.]+\\.tgz$`))),
    singleFile: join(out, only(names, new RegExp(`^negotiator-${side}-[\\d.]+\\.cjs$`))),
    executable: join(out, only(names, new RegExp(`^negotiator-${side}-[\\d.]+-linux-`))),
  })
  return { host: program('host'), guest: program('guest'), packaging: join(out, 'packaging') }
}

function only(names: readonly string[], wanted: RegExp): string {
  const [name, ...others] = names.filter((one) => wanted.test(one))
  if (name !== undefined && others.length === 0) return name
  throw new Error(`Cannot find one ${wanted} among what was packed: ${names.join(' ')}`)
}
