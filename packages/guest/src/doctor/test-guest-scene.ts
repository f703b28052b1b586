/**
 * A guest as a test builds it: /sys, /proc, /lib and /dev as files in a folder, for no machine can be without a module on order.
 * For tests.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { channelNames, Processes } from '@negotiator/common'
import type { Scene } from '@negotiator/common'
import { testFolder, testScene } from '@negotiator/common/testing'
import { guestScene } from './guest-scene.js'
import type { GuestScene } from './guest-scene.js'

export const release = '6.1.0-28-amd64'

/** A guest's files. */
export class TestGuest {
  readonly root: string
  readonly #test: Parameters<typeof testFolder>[0]

  /** A machine with nothing but a running kernel. */
  constructor(test: Parameters<typeof testFolder>[0]) {
    this.#test = test
    this.root = testFolder(test)
    this.write('proc/sys/kernel/osrelease', `${release}\n`)
    this.write('proc/sys/kernel/random/boot_id', '9c3e\n')
  }

  /** Writes a file. @returns its path */
  write(path: string, content = ''): string {
    const file = join(this.root, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
    return file
  }

  /** Removes a file or a folder with all that is in it. */
  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true })
  }

  /** Adds a port with its device node. @returns the node's path */
  addPort(name: string, entry: string): string {
    this.write(`sys/class/virtio-ports/${entry}/name`, `${name}\n`)
    this.write(`sys/class/virtio-ports/${entry}/dev`, '245:1\n')
    return this.write(`dev/${entry}`)
  }

  /** Adds both of Negotiator's ports. @returns their nodes' paths */
  addPorts(): readonly string[] {
    return channelNames.map((name, index) => this.addPort(name, `vport0p${index + 1}`))
  }

  /** The machine as it is now, its processes being those of this one. */
  async scene(scene: Partial<Scene> = {}, nowMs: number = Date.now()): Promise<GuestScene> {
    const parts = {
      side: 'guest',
      machineRoot: this.root,
      processes: new Processes('/proc'),
      ...scene,
    } as const
    return await guestScene(await testScene(this.#test, parts), nowMs)
  }
}
