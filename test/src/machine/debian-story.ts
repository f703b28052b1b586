/**
 * The stage of a story in a Debian guest: the host with its daemon, one machine, and what was packed on its second disk.
 * Nothing is installed in the guest.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Client } from '@negotiator/host'
import { startDebianGuest } from './debian-guest.js'
import { HostProgram } from './host-program.js'
import { packAll } from './packed.js'
import { ensurePrerequisites } from './prerequisites.js'
import type { Script } from './story.js'
import type { Vm } from './vm.js'
import { tellOnFailure } from './tell-on-failure.js'

interface DebianStoryOptions {
  /** On the second disk, in `/media/commands`. */
  readonly guestCommands: readonly Script[]
  readonly hostCommands: readonly Script[]
  /** For QEMU, such as a network card. */
  readonly extraArgs?: readonly string[]
}

/** A host and its Debian guest `deb1`. */
export interface DebianStory {
  readonly host: HostProgram
  /** A library connection to the host's daemon. */
  readonly client: Client
  readonly vm: Vm
  /** Runs commands in the guest, with three minutes' time. @returns what they print, without the last newline; a bad status fails the story */
  readonly run: (command: string) => Promise<string>
}

/** Boots the machine, with `/media/negotiator-guest` (the executable) and `/media/packaging`. */
export async function setDebianStage(
  t: Test,
  { guestCommands, hostCommands, extraArgs = [] }: DebianStoryOptions,
): Promise<DebianStory> {
  const root = await mkdtemp(join(tmpdir(), 'ng-'))
  t.teardown(async () => await rm(root, { recursive: true, force: true }))
  const log = (line: string): void => t.comment(line)
  const prerequisites = await ensurePrerequisites({ install: true, log })
  const packed = await packAll(t)
  const dir = join(root, 'channels/deb1')
  await mkdir(dir, { recursive: true })
  const vm = await startDebianGuest({
    prerequisites,
    name: 'deb1',
    dir,
    log,
    extraArgs,
    files: [
      { from: packed.guest.executable, to: '/negotiator-guest' },
      { from: packed.packaging, to: '/packaging' },
      ...guestCommands.map(({ name, text }) => ({ to: `/commands/${name}`, content: text, mode: 0o755 })),
    ],
  })
  t.teardown(async () => await vm.close())
  const config = [
    `drivers = ["folder:${join(root, 'channels')}"]`,
    // A daemon that is killed, and a port that is unplugged, are told by silence.
    'heartbeat-interval-seconds = 2',
    'heartbeat-dead-seconds = 8',
  ]
  const host = await HostProgram.start({ root, config })
  t.teardown(async () => await host.stop())
  for (const { name, text } of hostCommands) await host.addCommand(name, text)
  tellOnFailure(t, () => `${host.log}\n${vm.log.text}`)
  const client = await host.connect()
  t.teardown(() => client.close())
  await vm.waitBooted({ timeoutMs: 180_000 })
  const run = async (command: string): Promise<string> => {
    const { status, stdout, stderr } = await vm.console.run(command, { timeoutMs: 180_000 })
    if (status !== 0) throw new Error(`In the guest, ${command} gave ${status}: ${stdout}${stderr}`)
    return stdout.trimEnd()
  }
  return { host, client, vm, run }
}
