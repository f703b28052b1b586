/**
 * The subcommands `attach` and `detach`.
 */
import { systemClock } from '@negotiator/common/program'
import type { MakeSubcommand, ProgramContext } from '@negotiator/common'

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
      'the libvirt to ask, e.g. qemu:///session; that of the configuration, or qemu:///system',
    )
    .action(async (guest: string, _options, command: Subcommand) => {
      const options = command.opts<AttachOptions>()
      if (options.qemu === true) {
        const { qemuChannelArguments } = await import('../attach/qemu-command-line.js')
        return context.print(qemuChannelArguments(guest))
      }
      const { changeChannels } = await import('../attach/attach.js')
      const { libvirtUri } = await import('../attach/libvirt-uri.js')
      const { reportText } = await import('../attach/report.js')
      const { drivers, 'state-folder': stateFolder } = await context.config(command)
      const isDryRun = options.dryRun === true
      const report = await changeChannels({
        verb,
        guest,
        uri: libvirtUri({ given: options.connect, drivers }),
        isDryRun,
        isLive: options.live === true,
        stateFolder,
        clock: systemClock,
        signal: new AbortController().signal,
        now: new Date(),
      })
      context.print(reportText(report, { verb, isDryRun }))
    })
}
