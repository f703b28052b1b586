/**
 * The subcommands `attach` and `detach`.
 */
import { systemClock } from '@negotiator/common'
import type { Config, MakeSubcommand, ProgramContext } from '@negotiator/common'
import { checkLibvirtUri, systemUri } from '../drivers/libvirt/connection-uri.js'

type Subcommand = ReturnType<MakeSubcommand>

interface AttachOptions {
  readonly dryRun?: boolean
  readonly live?: boolean
  readonly connect?: string
  readonly qemu?: boolean
}

/** `attach` */
export function attachCommand(context: ProgramContext): Subcommand {
  const text = { summary: 'give a guest our channels', example: 'attach web1 --dry-run' }
  return change(context, 'attach', text).option('--qemu', 'print the arguments for a QEMU without libvirt')
}

/** `detach` */
export function detachCommand(context: ProgramContext): Subcommand {
  return change(context, 'detach', { summary: 'take our channels from a guest', example: 'detach web1' })
}

function change(
  context: ProgramContext,
  verb: 'attach' | 'detach',
  text: { summary: string; example: string },
): Subcommand {
  return context
    .subcommand(verb, text)
    .argument('<guest>', 'its name or uuid, as libvirt has it')
    .option('--dry-run', 'change nothing, show what would be')
    .option('--live', 'change the running machine, too')
    .option(
      '--connect <uri>',
      `the libvirt to ask, e.g. qemu:///session; that of the configuration, or ${systemUri}`,
    )
    .action(async (guest: string, _options, command: Subcommand) => {
      const options = command.opts<AttachOptions>()
      if (options.qemu === true) {
        const { qemuChannelArguments } = await import('../attach/qemu-command-line.js')
        return context.print(qemuChannelArguments(guest))
      }
      const { changeChannels } = await import('../attach/attach.js')
      const { reportText } = await import('../attach/report.js')
      const config = await context.config(command)
      const isDryRun = options.dryRun === true
      const report = await changeChannels({
        verb,
        guest,
        uri: options.connect === undefined ? uriOf(config) : checkLibvirtUri(options.connect),
        isDryRun,
        isLive: options.live === true,
        stateFolder: config['state-folder'],
        clock: systemClock,
        signal: new AbortController().signal,
        now: new Date(),
      })
      context.print(reportText(report, { verb, isDryRun }))
    })
}

/** The first libvirt that the daemon asks. */
function uriOf({ drivers }: Config): string {
  const configured = drivers.find((spec) => spec.startsWith('libvirt:'))
  return configured === undefined ? systemUri : checkLibvirtUri(configured.slice('libvirt:'.length))
}
