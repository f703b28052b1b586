/**
 * The stage of a story: one host with its daemon, guests with theirs, and everything taken down in the end.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Client } from '@negotiator/host'
import { HostProgram } from './host-program.js'
import type { Image } from './image.js'
import type { ImageFile } from './image-contents.js'
import { buildNegotiatorImage } from './negotiator-image.js'
import { ensurePrerequisites } from './prerequisites.js'
import { startVm } from './vm.js'
import type { Vm } from './vm.js'
import { tellOnFailure } from './tell-on-failure.js'

/** A command as a shell script, dropped into the administrator's folder. */
export interface Script {
  readonly name: string
  readonly text: string
}

interface StoryOptions {
  /** The guests' names. */
  readonly guests: readonly string[]
  /** In each guest's `/usr/lib/negotiator/commands`. */
  readonly guestCommands?: readonly Script[]
  /** More files in each guest. */
  readonly guestFiles?: readonly ImageFile[]
  /** In the host's. */
  readonly hostCommands?: readonly Script[]
  /** Where the host looks for guests; the folder with the machines' sockets unless told. */
  readonly drivers?: readonly string[]
  /** More lines for host.toml. */
  readonly hostConfig?: readonly string[]
}

/** A host and its guests. */
export interface Story {
  readonly host: HostProgram
  /** What the guests have booted. */
  readonly image: Image
  /** A library connection to the host's daemon; a story that ends the daemon makes a new one. */
  readonly client: Client
  readonly guests: ReadonlyMap<string, Vm>
  /** The guest of this name. */
  readonly guest: (name: string) => Vm
}

/** Sets the stage: all guests are ready to be called. When a test fails, logs and consoles are shown. */
export async function setStage(t: Test, options: StoryOptions): Promise<Story> {
  const {
    guests: names,
    guestCommands = [],
    guestFiles = [],
    hostCommands = [],
    drivers,
    hostConfig = [],
  } = options
  const root = await mkdtemp(join(tmpdir(), 'ng-'))
  t.teardown(async () => await rm(root, { recursive: true, force: true }))
  const channels = join(root, 'channels')
  const image = await buildNegotiatorImage({
    prerequisites: await ensurePrerequisites({ install: true, log: (line) => t.comment(line) }),
    files: [...guestCommands.map(guestCommand), ...guestFiles],
  })
  const guests = new Map<string, Vm>()
  for (const name of names) {
    const dir = join(channels, name)
    await mkdir(dir, { recursive: true })
    guests.set(name, await startVm({ image, name, dir }))
  }
  t.teardown(async () => await Promise.all([...guests.values()].map(async (vm) => await vm.close())))
  const config = [`drivers = ${JSON.stringify(drivers ?? [`folder:${channels}`])}`, ...hostConfig]
  const host = await HostProgram.start({ root, config })
  t.teardown(async () => await host.stop())
  for (const { name, text } of hostCommands) await host.addCommand(name, text)
  tellOnFailure(t, () => [host.log, ...[...guests.values()].map((vm) => vm.log.text)].join('\n'))
  const client = await host.connect()
  t.teardown(() => client.close())
  for (const name of names) await client.wait(name, { timeoutMs: 120_000 })
  const guest = (name: string): Vm => {
    const vm = guests.get(name)
    if (vm === undefined) throw new Error(`No guest "${name}" in this story`)
    return vm
  }
  return { host, image, client, guests, guest }
}

/** A command as a file of the guest's image. */
export function guestCommand({ name, text }: Script): ImageFile {
  return { to: `/usr/lib/negotiator/commands/${name}`, content: text, mode: 0o755 }
}
