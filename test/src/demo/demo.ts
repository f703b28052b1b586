/**
 * `pnpm demo`: both daemons, real calls both ways, each told with its output.
 * In a real micro VM where QEMU is there or can be installed; over sockets without one, and says so.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HostProgram } from '../machine/host-program.js'
import type { DemoGuest } from './demo-guest.js'
import { startMachine } from './guest-machine.js'
import { startStandIn } from './guest-stand-in.js'

/** How the demo is run. */
export interface DemoOptions {
  /** Use no virtual machine. */
  readonly isLoopback: boolean
  /** Stay up until Ctrl-C, and tell what to type. */
  readonly staysUp: boolean
}

/** Plays the demo, and takes everything down. @throws Error when a call does not give what it should */
export async function playDemo({ isLoopback, staysUp }: DemoOptions): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'ng-demo-'))
  const closers: (() => Promise<void>)[] = [async () => await rm(root, { recursive: true, force: true })]
  try {
    const channels = join(root, 'channels/web1')
    await mkdir(channels, { recursive: true })
    const guest = await startGuest({ root, channels, isLoopback })
    closers.push(async () => await guest.close())
    const host = await HostProgram.start({ root, config: [`drivers = ["folder:${join(root, 'channels')}"]`] })
    closers.push(async () => await host.stop())
    await tell({ host, guest })
    if (staysUp) await stayUp({ host, guest })
  } finally {
    for (const close of closers.reverse()) await close()
  }
  say('Done; nothing is left running.')
}

async function startGuest({
  root,
  channels,
  isLoopback,
}: {
  root: string
  channels: string
  isLoopback: boolean
}): Promise<DemoGuest> {
  if (!isLoopback) {
    try {
      say('Booting a micro VM called web1, with two virtio-serial ports ...')
      return await startMachine({ channels, say: (line) => say(`  ${line}`) })
    } catch (error) {
      say(`No virtual machine here: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  say('Without a virtual machine: both daemons run here, joined by UNIX sockets instead of virtio ports.')
  return await startStandIn({ root: join(root, 'guest'), channels })
}

async function tell({ host, guest }: { host: HostProgram; guest: DemoGuest }): Promise<void> {
  const onHost = async (args: readonly string[], input?: string): Promise<string> => {
    say(
      `\nhost$ ${input === undefined ? '' : `printf ${JSON.stringify(input)} | `}negotiator-host ${args.join(' ')}`,
    )
    const { stdout, stderr, status } = await host.cli(args, input === undefined ? {} : { input })
    show(`${stdout}${stderr}${status === 0 ? '' : `(exit status ${status})`}`)
    return stdout
  }
  const inGuest = async (args: readonly string[]): Promise<string> => {
    say(`\nweb1$ negotiator-guest ${args.join(' ')}`)
    const output = await guest.run(args)
    show(output)
    return output
  }

  say('\nThe host waits until the guest can be called.')
  await onHost(['wait', 'web1', '--timeout', '120'])
  await onHost(['guests'])
  await onHost(['ping', 'web1'])
  say('\nThe host calls the guest.')
  await onHost(['commands', 'web1'])
  expect(await onHost(['run', 'web1', 'uptime-seconds']), /\d/)
  expect(await onHost(['run', 'web1', 'checksum'], 'some bytes'), /^[0-9a-f]{64}/)
  say(
    '\nAn administrator drops a script into /usr/lib/negotiator/commands of the guest; it can be called at once.',
  )
  await guest.addCommand(
    'greet',
    '#!/bin/sh\necho "Hello $1, called by $NEGOTIATOR_CALLER"\necho "a word on stderr" >&2\nexit 3\n',
  )
  expect(await onHost(['run', 'web1', 'greet', 'two words']), /Hello two words, called by host/)
  say('\nThe guest calls the host, which knows who is calling.')
  expect(await inGuest(['run', 'guest-name']), /web1/)
  expect(await inGuest(['run', 'hello']), /web1/)
  say('\nA name that is mistyped.')
  await onHost(['run', 'web1', 'gret'])
  say('')
}

async function stayUp({ host, guest }: { host: HostProgram; guest: DemoGuest }): Promise<void> {
  const program = join(import.meta.dirname, '../../../packages/host/bin/negotiator-host.js')
  say('Everything stays up until you press Ctrl-C. In another terminal, type for example:')
  say(`  node ${program} --root ${host.root} run web1 hello`)
  if (guest.prompt !== undefined) say(`  ${guest.prompt} run guest-name`)
  await new Promise<void>((resolve) =>
    process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve()),
  )
  say('')
}

function expect(output: string, pattern: RegExp): void {
  if (!pattern.test(output))
    throw new Error(`The demo expected ${String(pattern)} and got ${JSON.stringify(output)}`)
}

function show(output: string): void {
  for (const line of output.trimEnd().split('\n')) if (line !== '') say(`  ${line}`)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
