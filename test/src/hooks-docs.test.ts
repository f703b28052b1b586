/**
 * What docs/hooks.md has somebody type does what the page shows, in a folder that stands for `/`. The page's guest is in the story `hooks`.
 */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { test } from 'tap'
import type { Test } from 'tap'
import { consoleSteps, fencedBlocks, plainOutput } from './fenced-blocks.js'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/hooks.md'), 'utf8')

/** Runs a line as its root does, with `/etc` and `/usr/lib` in a folder. */
function machine(t: Test): { readonly folder: string; readonly type: (line: string) => Promise<string> } {
  const folder = mkdtempSync(join(tmpdir(), 'negotiator-docs-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const program = join(bin, 'negotiator-host')
  const binary = join(root, 'packages/host/bin/negotiator-host.js')
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${binary}" --root "${folder}" "$@"\n`)
  chmodSync(program, 0o755)
  const type = async (line: string): Promise<string> => {
    const here = line
      .replaceAll(/ \/(?=etc\/|usr\/lib\/)/g, ` ${folder}/`)
      .replaceAll(/>\/etc/g, `>${folder}/etc`)
    const { all } = await execa('sh', ['-c', `umask 022\n${here}`], {
      ...{ cwd: root, reject: false, all: true, timeout: 60_000 },
      env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` },
    })
    return all
  }
  return { folder, type }
}

test('what docs/hooks.md shows is printed', async (t) => {
  const { type } = machine(t)
  const blocks = fencedBlocks(page, 'console').filter((block) => !block.includes('--in-guest'))
  t.equal(blocks.length, 2)
  for (const { line, shown } of blocks.flatMap(consoleSteps))
    t.equal(plainOutput(await type(line)), plainOutput(shown), line)
})

test('what docs/hooks.md installs lies where systemd and qemu-ga look', async (t) => {
  const { folder, type } = machine(t)
  for (const line of fencedBlocks(page, 'sh')) t.equal(await type(line), '')
  for (const path of ['usr/lib/systemd/system-sleep/negotiator', 'etc/qemu/fsfreeze-hook.d/negotiator'])
    t.equal(statSync(join(folder, path)).mode & 0o777, 0o755)
})
