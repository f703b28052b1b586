/**
 * The demo's guest as a real micro VM with real virtio ports.
 */
import { buildNegotiatorImage } from '../machine/negotiator-image.js'
import { ensurePrerequisites } from '../machine/prerequisites.js'
import { startVm } from '../machine/vm.js'
import type { DemoGuest } from './demo-guest.js'

/**
 * Boots the machine; its sockets are in `channels`.
 * @throws Error naming what is missing on this machine and the one line to type
 */
export async function startMachine({
  channels,
  say,
}: {
  channels: string
  say: (line: string) => void
}): Promise<DemoGuest> {
  const prerequisites = await ensurePrerequisites({ install: true, log: say })
  const image = await buildNegotiatorImage({ prerequisites })
  const vm = await startVm({ image, name: 'web1', dir: channels })
  try {
    await vm.waitBooted()
  } catch (error) {
    await vm.close()
    throw error
  }
  return {
    run: async (args) => {
      const { stdout, stderr } = await vm.console.run(`negotiator-guest ${args.map(quoted).join(' ')}`)
      return `${stdout}${stderr}`.trimEnd()
    },
    addCommand: async (name, script) => {
      const file = `/usr/lib/negotiator/commands/${name}`
      await vm.console.run(`mkdir -p /usr/lib/negotiator/commands && cat > ${file} && chmod 755 ${file}`, {
        input: script,
      })
    },
    close: async () => await vm.close(),
  }
}

function quoted(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`
}
