/**
 * A machine's hooks in a folder of its own, as tests lay them out and run them.
 * Floor 5, for tests.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../clock.js'
import type { Clock } from '../clock.js'
import { silentLog } from '../log.js'
import { openStartProcess } from '../process/open-start-process.js'
import { testFolder, writeCommand } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import { Hooks } from './hooks.js'
import type { HooksOptions } from './hooks.js'
import type { PhaseRequest, PhaseRun } from './outcome.js'

interface TestHook {
  /** Such as `install/20-network`. */
  readonly name: string
  readonly script?: string
  /** The text of its settings; it has none unless given. */
  readonly toml?: string
  readonly mode?: number
}

/** The folders, and how hooks in them are run. */
export class TestHooks {
  readonly root: string

  constructor(test: Teardown) {
    this.root = testFolder(test)
    for (const folder of [this.own, this.scripts]) mkdirSync(folder, { mode: 0o755 })
  }

  get own(): string {
    return join(this.root, 'hooks.d')
  }

  get scripts(): string {
    return join(this.root, 'extras.d')
  }

  get logs(): string {
    return join(this.root, 'logs')
  }

  /** @returns the hook's path */
  add({ name, script = 'exit 0', toml, mode }: TestHook): string {
    const [phase = '', hook = ''] = name.split('/')
    const folder = join(this.own, phase)
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    if (toml !== undefined) writeFileSync(join(folder, `${hook}.toml`), toml, { mode: 0o644 })
    return writeCommand({ folder, name: hook, script, ...(mode === undefined ? {} : { mode }) })
  }

  /** @returns the script's path */
  addScript(name: string, text: string): string {
    const path = join(this.scripts, name)
    writeFileSync(path, text, { mode: 0o644 })
    return path
  }

  async open(change: Partial<HooksOptions> & { readonly clock?: Clock } = {}): Promise<Hooks> {
    return new Hooks({
      side: 'host',
      folders: { own: this.own, scripts: this.scripts },
      settings: { drivers: ['libvirt', 'auto'], 'metrics-listen': '' },
      logFolder: this.logs,
      clock: systemClock,
      log: silentLog,
      startProcess: await openStartProcess(),
      ...change,
    })
  }

  async run(request: PhaseRequest, change: Partial<HooksOptions> = {}): Promise<PhaseRun> {
    return await (await this.open(change)).runPhase(request)
  }
}

/** `20-network done`, and so on, with the reasons. */
export function endings({ results }: PhaseRun): readonly string[] {
  return results.map(
    ({ hook, outcome, reason }) => `${hook} ${outcome}${reason === undefined ? '' : `: ${reason}`}`,
  )
}
