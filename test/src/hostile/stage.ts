/**
 * What hostility is tried on: a host's daemon, an honest guest and a hostile one, each in a machine of its own.
 * In the hostile machine our daemon is kept down, and a script that knows PROTOCOL.md has its ports.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '@negotiator/host'
import { HostProgram } from '../machine/host-program.js'
import { buildNegotiatorImage } from '../machine/negotiator-image.js'
import { ensurePrerequisites } from '../machine/prerequisites.js'
import { guestCommand } from '../machine/story.js'
import type { Script } from '../machine/story.js'
import { startVm } from '../machine/vm.js'
import type { Vm } from '../machine/vm.js'
import { stopHonest } from './stop-honest.js'
import { count, printArguments, zeros } from '../scripts.js'

/** The guests' names; the hostile one claims the other's. */
export const honestName = 'honest'
export const hostileName = 'hostile'

/** Waits, and reads nothing. */
const sleepy: Script = { name: 'sleepy', text: '#!/bin/sh\nexec sleep 5\n' }

/** The guest's scripts are not compiled, so they are found where they are written. */
const guestScripts = join(import.meta.dirname, '../../src/hostile/guest')
const home = '/opt/hostile'

/** Two machines and the host. */
export interface Stage {
  readonly host: HostProgram
  readonly client: Client
  readonly honest: Vm
  readonly hostile: Vm
}

/** Sets the stage, does the work, and takes everything down. */
export async function onStage<Value>(
  say: (line: string) => void,
  work: (stage: Stage) => Promise<Value>,
): Promise<Value> {
  const closers: (() => Promise<void> | void)[] = []
  try {
    return await work(await setStage({ say, onClose: (close) => void closers.push(close) }))
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

interface StageOptions {
  readonly say: (line: string) => void
  readonly onClose: (close: () => Promise<void> | void) => void
}

async function setStage({ say, onClose }: StageOptions): Promise<Stage> {
  const root = await mkdtemp(join(tmpdir(), 'ng-hostile-'))
  onClose(async () => await rm(root, { recursive: true, force: true }))
  const channels = join(root, 'channels')
  const image = await buildNegotiatorImage({
    prerequisites: await ensurePrerequisites({ install: true, log: say }),
    files: [{ from: guestScripts, to: home }, guestCommand(printArguments), guestCommand(stopHonest)],
  })
  const boot = async (name: string): Promise<Vm> => {
    const dir = join(channels, name)
    await mkdir(dir, { recursive: true })
    const vm = await startVm({ image, name, dir })
    onClose(async () => await vm.close())
    return vm
  }
  const [honest, hostile] = [await boot(honestName), await boot(hostileName)]
  const host = await HostProgram.start({ root, config: [`drivers = ["folder:${channels}"]`] })
  onClose(async () => await host.stop())
  for (const { name, text } of [printArguments, zeros, count, sleepy]) await host.addCommand(name, text)
  const client = await host.connect()
  onClose(() => client.close())
  for (const name of [honestName, hostileName]) await client.wait(name, { timeoutMs: 120_000 })
  await keepDaemonDown(hostile)
  return { host, client, honest, hostile }
}

async function keepDaemonDown(vm: Vm): Promise<void> {
  await vm.console.run(`
    touch /run/negotiator-guest.hold
    pid=$(cat /run/negotiator-guest.pid)
    kill -TERM $pid; while kill -0 $pid 2> /dev/null; do sleep 0.02; done`)
}

/** Something that runs in a machine until it is stopped. */
export interface Running {
  stop(): Promise<void>
}

/** Runs a program of Node's in a machine; what it prints is in the machine's log. */
async function startNode(vm: Vm, args: string): Promise<Running> {
  const { stdout } = await vm.console.run(`node ${args} < /dev/null > /dev/console 2>&1 & echo $!`)
  const id = stdout.trim()
  return {
    stop: async () =>
      void (await vm.console.run(`kill -9 ${id}; while kill -0 ${id} 2> /dev/null; do sleep 0.02; done`)),
  }
}

/** Burns a core in a machine without touching its channels: what emulation costs others, whatever a guest does. */
export async function burnCore(vm: Vm): Promise<Running> {
  return await startNode(vm, `-e 'for (;;);'`)
}

/** Begins hostility. It tells each phase in the machine's log. */
export async function beHostile(
  vm: Vm,
  { seed, phaseMs }: { seed: number; phaseMs: number },
): Promise<Running> {
  return await startNode(vm, `${home}/hostile.mjs ${seed} ${phaseMs}`)
}

/** Lets our daemon have the ports again. */
export async function bringDaemonBack(vm: Vm): Promise<void> {
  await vm.console.run('rm /run/negotiator-guest.hold')
}

/** Where the honest guest's caller lies. */
export const honestScript: string = `${home}/honest.mjs`
