/**
 * The command `self-update`: its words.
 */
import { version } from '@negotiator/common'
import type { SystemCommand } from '../command.js'
import { lastUpdate } from './last-update.js'
import { selfUpdate } from './self-update.js'

export const command: SystemCommand = {
  name: 'self-update',
  usage: '[--last] [--dry-run]',
  options: { last: 'flag', 'dry-run': 'flag' },
  run: async ({ machine, options: { flags }, stdin }) => {
    if (flags.has('last')) {
      const json = await lastUpdate(machine)
      return { json, lines: [json.version === null ? 'none' : `${json.state} ${json.version}`] }
    }
    const json = await selfUpdate(machine, {
      input: stdin,
      currentVersion: version,
      isDryRun: flags.has('dry-run'),
    })
    const did = json.isDryRun ? 'would update' : 'updates, and restarts after this answer,'
    return { json, lines: [`${did} from ${json.oldVersion} to ${json.version}`] }
  },
}
