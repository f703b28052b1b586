/**
 * The configuration file, on both sides.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { configToml, loadConfig, SystemError, UsageError } from '@negotiator/common'
import type { Config } from '@negotiator/common'
import { holds, same } from '../target.js'
import type { Target } from '../target.js'

const sides = ['host', 'guest'] as const

export const configTarget: Target = {
  name: 'config',
  promise: 'throws nothing but a UsageError that names file and line, and reads again what it prints',
  grammar: 'lines',
  tokens: [
    'log-level',
    'drivers',
    'control-socket',
    '"/run/x"',
    '["auto"]',
    '[table]',
    '[[table]]',
    '"""',
    'inf',
  ],
  check: async (input) => {
    const folder = await mkdtemp(join(tmpdir(), 'n-fuzz-'))
    try {
      for (const side of sides) await checkSide(join(folder, 'config.toml'), { input, side })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

async function checkSide(
  path: string,
  { input, side }: { input: Buffer; side: (typeof sides)[number] },
): Promise<void> {
  const config = await load(path, { text: input, side })
  if (config === undefined) return
  holds(isAbsolute(config['control-socket']), 'a relative control socket')
  holds(config['heartbeat-dead-seconds'] > config['heartbeat-interval-seconds'], 'dead before it is asked')
  same(
    await load(path, { text: Buffer.from(configToml(config, side)), side }),
    config,
    'it reads its own text otherwise',
  )
}

async function load(
  file: string,
  { text, side }: { text: Buffer; side: (typeof sides)[number] },
): Promise<Config | undefined> {
  writeFileSync(file, text)
  try {
    return await loadConfig({ side, root: '/', file })
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof SystemError)) throw error
    holds(
      /^Cannot .*"[^"]*config\.toml"(, line [1-9]\d*)?:/s.test(error.message),
      `no file and line: ${error.message}`,
    )
    return undefined
  }
}
