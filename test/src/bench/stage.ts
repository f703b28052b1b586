/**
 * What the bench runs on: one machine with the guest's daemon and a raw port beside it, one host daemon.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { guestToHost, hostToGuest } from '@negotiator/common'
import type { Client } from '@negotiator/host'
import { HostProgram } from '../machine/host-program.js'
import type { ImageFile } from '../machine/image-contents.js'
import { buildNegotiatorImage } from '../machine/negotiator-image.js'
import { ensurePrerequisites } from '../machine/prerequisites.js'
import { startVm } from '../machine/vm.js'
import type { Vm } from '../machine/vm.js'
import type { Script } from '../machine/story.js'
import { QemuGa, qemuGaCommandLine, qemuGaFile, qemuGaPortName } from './qemu-ga.js'
import { buildRawProgram, RawPort, rawPortDevice, rawPortName, rawProgramPath } from './raw-port.js'

/** The guest's name. */
export const guestName = 'web1'

/** What is run again and again. */
export const twoLines: Script = { name: 'two-lines', text: '#!/bin/sh\necho "one $1"\necho two\n' }

/** Prints so many zero bytes, in blocks: `head -c` of busybox moves one byte at a time and would be the slowest link. */
export const give: Script = {
  name: 'give',
  text: '#!/bin/sh\nexec dd if=/dev/zero bs=65536 count="$(($1 / 65536))" 2> /dev/null\n',
}

/** Says when it reads, so that its start is not taken for time in which bytes flow. */
export const swallow: Script = { name: 'swallow', text: '#!/bin/sh\necho reading\nexec cat > /dev/null\n' }

/** Where a script lies in the guest. */
export function guestPath({ name }: Script): string {
  return `/usr/lib/negotiator/commands/${name}`
}

/** The machine and whatever talks to it. */
export interface Stage {
  readonly vm: Vm
  readonly host: HostProgram
  readonly client: Client
  readonly raw: RawPort
  readonly qemuGa: QemuGa
  /** What is behind the raw port. */
  readonly rawRemark: string
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

async function setStage({
  say,
  onClose,
}: {
  say: (line: string) => void
  onClose: (close: () => Promise<void> | void) => void
}): Promise<Stage> {
  const root = await mkdtemp(join(tmpdir(), 'ng-bench-'))
  onClose(async () => await rm(root, { recursive: true, force: true }))
  const { file, remark } = await buildRawProgram()
  const vm = await startMachine({ root, file, say })
  onClose(async () => await vm.close())
  await vm.waitBooted()
  await vm.console.run(`${rawProgramPath} ${rawPortDevice} < /dev/null > /dev/null 2>&1 &`)
  const raw = await RawPort.connect(vm.socketPath(rawPortName))
  onClose(() => raw.close())
  await vm.console.run(`${qemuGaCommandLine} < /dev/null > /run/qemu-ga.log 2>&1 &`)
  const qemuGa = await QemuGa.connect(vm.socketPath(qemuGaPortName))
  onClose(() => qemuGa.close())
  const host = await HostProgram.start({ root, config: [`drivers = ["folder:${join(root, 'channels')}"]`] })
  onClose(async () => await host.stop())
  const client = await host.connect()
  onClose(() => client.close())
  await client.wait(guestName, { timeoutMs: 120_000 })
  return { vm, host, client, raw, qemuGa, rawRemark: remark }
}

async function startMachine({
  root,
  file,
  say,
}: {
  root: string
  file: ImageFile
  say: (line: string) => void
}): Promise<Vm> {
  const scripts = [twoLines, give, swallow]
  const prerequisites = await ensurePrerequisites({ install: true, log: say })
  const image = await buildNegotiatorImage({
    prerequisites,
    files: [
      file,
      await qemuGaFile(prerequisites.cacheDir),
      ...scripts.map((script) => ({ to: guestPath(script), content: script.text, mode: 0o755 })),
    ],
  })
  const dir = join(root, 'channels', guestName)
  await mkdir(dir, { recursive: true })
  const otherPorts = [
    { name: rawPortName, socketPath: join(root, 'echo.sock') },
    { name: qemuGaPortName, socketPath: join(root, 'qga.sock') },
  ]
  return await startVm({
    image,
    name: guestName,
    dir,
    ports: [{ name: hostToGuest }, { name: guestToHost }, ...otherPorts],
  })
}
