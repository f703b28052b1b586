/**
 * What `attach` and `detach` have done, in sentences.
 * Pure.
 */
import { channelNames, escapeControl } from '@negotiator/common'
import type { ChangeReport } from './attach.js'

/** What was asked for. */
interface Asked {
  readonly verb: 'attach' | 'detach'
  readonly isDryRun: boolean
}

/** @returns lines, each ended: the diff, what was done, where the XML as it was is kept, what is left to do */
export function reportText(report: ChangeReport, asked: Asked): string {
  const lines = [done(report, asked), kept(report), leftToDo(report, asked)].filter((line) => line !== '')
  const diff = report.diff.split('\n').map(escapeControl).join('\n')
  return `${diff}${lines.map((line) => `${line}\n`).join('')}`
}

function done({ name, config, live, isRunning }: ChangeReport, { verb, isDryRun }: Asked): string {
  const subject = `"${escapeControl(name)}"`
  const both = config.length === channelNames.length
  if (config.length + live.length === 0) {
    return verb === 'attach' ? `${subject} has both channels already.` : `${subject} has neither channel.`
  }
  const which = both || config.length === 0 ? 'both channels' : `the channel ${config.join(', ')}`
  const [past, plan] = verb === 'attach' ? ['Attached', 'attach'] : ['Detached', 'detach']
  const preposition = verb === 'attach' ? 'to' : 'from'
  const where = live.length > 0 && isRunning ? `${subject} and its running machine` : subject
  return isDryRun
    ? `This would ${plan} ${which} ${preposition} ${where}; libvirt adds the addresses. Nothing was changed.`
    : `${past} ${which} ${preposition} ${where}.`
}

function kept({ keptAt }: ChangeReport): string {
  return keptAt === undefined ? '' : `Its definition as it was is in ${keptAt}`
}

function leftToDo({ config, isRestartNeeded, isRunning }: ChangeReport, { verb, isDryRun }: Asked): string {
  if (isRestartNeeded) {
    const when = isDryRun ? 'would then have to be shut down and started' : 'has to be shut down and started'
    return `It runs as it was, and ${when} (virsh shutdown, virsh start); rebooting it is not enough.`
  }
  if (isRunning || config.length === 0 || isDryRun || verb === 'detach') return ''
  return 'It is off, and has them when it is started.'
}
