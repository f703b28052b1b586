/**
 * A machine with its hooks, and the program on it.
 * Floor 8, for tests.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testFolder, writeCommand } from '../../test-folder.js'
import type { Teardown } from '../../test-folder.js'
import { testProgram } from '../test-program.js'
import type { ProgramRun } from '../test-program.js'

interface HookFile {
  /** Such as `starting/20-guard`. */
  readonly name: string
  readonly script?: string
  readonly toml?: string
}

/** One machine. */
export class HookMachine {
  readonly root: string

  constructor(root: string) {
    this.root = root
  }

  static in(test: Teardown): HookMachine {
    return new HookMachine(testFolder(test))
  }

  get hooks(): string {
    return join(this.root, 'etc/negotiator/hooks.d')
  }

  add({ name, script = 'exit 0', toml }: HookFile): void {
    const [phase = '', hook = ''] = name.split('/')
    const folder = join(this.hooks, phase)
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    writeCommand({ folder, name: hook, script })
    if (toml !== undefined) writeFileSync(join(folder, `${hook}.toml`), toml, { mode: 0o644 })
  }

  async run(...args: readonly string[]): Promise<ProgramRun> {
    return await testProgram({ root: this.root }, 'hooks', ...args)
  }

  async runInGuest(...args: readonly string[]): Promise<ProgramRun> {
    return await testProgram({ root: this.root, side: 'guest' }, 'hooks', ...args)
  }
}
