/**
 * The demo's guest where there is no QEMU: the guest's daemon as a process beside us, its channels UNIX sockets.
 */
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import type { DemoGuest } from './demo-guest.js'

const program = join(import.meta.dirname, '../../../packages/guest/bin/negotiator-guest.js')

/** Starts the guest's daemon below a root of its own, listening in the folder where QEMU would. */
export async function startStandIn({
  root,
  channels,
  config: more = [],
}: {
  root: string
  channels: string
  /** Further lines of guest.toml. */
  config?: readonly string[]
}): Promise<DemoGuest> {
  const config = join(root, 'etc/negotiator/guest.toml')
  await mkdir(dirname(config), { recursive: true })
  const lines = [`channel-folder = ${JSON.stringify(channels)}`, ...more]
  await writeFile(config, `${lines.join('\n')}\n`)
  const daemon = execa(process.execPath, [program, '--root', root, 'daemon'], {
    reject: false,
    stderr: 'ignore',
  })
  const exited = once(daemon, 'exit')
  return {
    run: async (args) => {
      const { stdout, stderr } = await execa(process.execPath, [program, '--root', root, ...args], {
        reject: false,
      })
      return `${stdout}\n${stderr}`.trimEnd()
    },
    addCommand: async (name, script) => {
      const file = join(root, 'usr/lib/negotiator/commands', name)
      await mkdir(dirname(file), { recursive: true, mode: 0o755 })
      await writeFile(file, script, { mode: 0o755 })
    },
    prompt: `node ${program} --root ${root}`,
    close: async () => {
      daemon.kill('SIGTERM')
      await exited
    },
  }
}
