/**
 * `negotiator-host --root ROOT guest ...` as a user runs it, on a machine of its own.
 * For tests.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { processTerminal, runProgram } from '@negotiator/common/program'
import { testFolder } from '@negotiator/common/testing'
import type { Teardown } from '@negotiator/common/testing'
import { testUuid } from '../../managed/test-definition.js'
import { guestCommand } from '../guest-command.js'

/** What a run came to. */
export interface GuestRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A definition as people write one. */
export const web1Toml: string = `name = "web1"
uuid = "${testUuid}"
memory = "256MiB"
driver = "fake"

[kernel]
path = "/boot/vmlinuz"
`

/** A machine, and the program on it. */
export class GuestProgram {
  readonly root: string
  readonly #interrupts = new Set<() => void>()

  constructor(test: Teardown) {
    this.root = testFolder(test)
  }

  /** The folder of the managed guests. */
  get guests(): string {
    return join(this.root, 'var/lib/negotiator/guests')
  }

  /** @returns the path of a new file */
  write(name: string, text: string): string {
    const path = join(this.root, name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, text)
    return path
  }

  /** Presses Ctrl-C. */
  interrupt(): void {
    for (const action of this.#interrupts) action()
  }

  async run(...args: readonly string[]): Promise<GuestRun> {
    return await this.runWithInput('', ...args)
  }

  async runWithInput(input: string, ...args: readonly string[]): Promise<GuestRun> {
    const printed = { stdout: '', stderr: '' }
    const code = await runProgram(
      {
        side: 'host',
        startDaemon: async () => await Promise.reject(new Error('no daemon was wanted')),
        terminal: this.#terminal(input),
        output: {
          stdout: (text) => void (printed.stdout += text),
          stderr: (text) => void (printed.stderr += text),
        },
        isInteractive: true,
        shippedPolicy: async () => await Promise.resolve(undefined),
        subcommands: [guestCommand],
      },
      ['--root', this.root, 'guest', ...args],
    )
    return { code, ...printed }
  }

  /** Defines web1, or what else is written. */
  async define(text: string = web1Toml): Promise<void> {
    const { code, stderr } = await this.run('define', this.write('defined.toml', text))
    if (code !== 0) throw new Error(stderr)
  }
  #terminal(input: string): typeof processTerminal {
    return {
      ...processTerminal,
      stdin: Readable.from(input === '' ? [] : [Buffer.from(input)]),
      onInterrupt: (action) => {
        this.#interrupts.add(action)
        return () => void this.#interrupts.delete(action)
      },
    }
  }
}
