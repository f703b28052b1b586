/**
 * Sets the scene of an examination: the configuration, bad or not, the processes, and the daemon's own words.
 * Floor 8.
 */
import { join } from 'node:path'
import { loadConfig } from '../agent/config.js'
import type { Config } from '../agent/config-settings.js'
import type { ConfigSource } from '../agent/config.js'
import { NegotiatorError, sentenceOf } from '../errors.js'
import { askDaemon } from './daemon-answer.js'
import type { Finding } from './finding.js'
import type { CheckedFinding } from './examine.js'
import { Processes } from './processes.js'
import { restartLine } from './scene.js'
import type { Scene } from './scene.js'

interface SceneSource {
  readonly source: ConfigSource
  /** Where /proc, /sys, /lib and /var lie: `/`; tests give their own. */
  readonly machineRoot: string
}

/** A scene, and what was found while it was set. */
export interface OpenedScene {
  readonly scene: Scene
  readonly findings: readonly CheckedFinding[]
}

/** Reads the configuration and asks the daemon; with a configuration that cannot be used, the defaults serve. */
export async function openScene({ source, machineRoot }: SceneSource): Promise<OpenedScene> {
  const { side } = source
  const { config, finding } = await configOf(source)
  const daemon = await askDaemon({ path: config['control-socket'] })
  const processes = new Processes(join(machineRoot, 'proc'))
  return {
    scene: { side, config, daemon, processes, machineRoot },
    findings: [{ ...finding, check: 'configuration' }],
  }
}

async function configOf(source: ConfigSource): Promise<{ config: Config; finding: Finding }> {
  try {
    return {
      config: await loadConfig(source),
      finding: { severity: 'ok', found: 'the configuration can be used' },
    }
  } catch (error) {
    if (!(error instanceof NegotiatorError)) throw error
    return { config: await loadConfig({ ...source, file: '/dev/null' }), finding: badConfig(source, error) }
  }
}

function badConfig({ side }: ConfigSource, error: NegotiatorError): Finding {
  return {
    severity: 'error',
    code: error.code,
    found: sentenceOf(error),
    why: 'No program of Negotiator starts with it. What follows was examined as if it were empty.',
    mend: `Mend that line, then: ${restartLine({ side })}`,
  }
}
