/**
 * The subcommand `driver`: the drivers that there are, and what is done to this host for one of them. It needs no daemon.
 */
import type { MakeSubcommand, ProgramContext } from '@negotiator/common'
import { verbs } from '../drivers/verbs.js'
import type { Verb } from '../drivers/verbs.js'
import { placesOf } from './places-of.js'

type Subcommand = ReturnType<MakeSubcommand>

interface DriverOptions {
  readonly dryRun?: boolean
  readonly json?: boolean
}

const summaries: Readonly<Record<Verb, string>> = {
  install: 'put there what a driver needs once',
  configure: "put there what follows from the daemon's configuration",
  start: 'put there what a driver needs after each boot',
  stop: 'take away what "start" put there',
  cleanup: "take away all that is the driver's own, and nothing else",
}

/** `driver` */
export function driverCommand(context: ProgramContext): Subcommand {
  const text = { summary: 'tell what drivers there are, and set one up on this host', example: 'driver list' }
  const group = context.subcommand('driver', text)
  group.enablePositionalOptions()
  addList(context, group)
  addShow(context, group)
  for (const verb of verbs) addVerb(context, group, verb)
  return group
}

function addList(context: ProgramContext, group: Subcommand): void {
  const text = { summary: 'list the drivers, and what each can do', example: 'driver list' }
  const command = context.subcommand('list', text).option('--json', 'print JSON')
  group.addCommand(
    command.action(async () => {
      const { describeAll, listText } = await import('../drivers/describe.js')
      const { drivers } = await context.config(command)
      const described = await describeAll(drivers)
      context.print(await printed(command, described, listText))
    }),
  )
}

function addShow(context: ProgramContext, group: Subcommand): void {
  const text = { summary: 'tell what a driver can do and what it owns', example: 'driver show libvirt' }
  const command = named(context, { name: 'show', ...text })
  group.addCommand(
    command.action(async (name: string) => {
      const { describeOne, showText } = await import('../drivers/describe.js')
      context.print(
        await printed(command, await describeOne(name, await placesOf(context, command)), showText),
      )
    }),
  )
}

function addVerb(context: ProgramContext, group: Subcommand, verb: Verb): void {
  const text = { summary: summaries[verb], example: `driver ${verb} libvirt --dry-run` }
  const command = named(context, { name: verb, ...text }).option(
    '--dry-run',
    'change nothing, tell what would be changed',
  )
  group.addCommand(
    command.action(async (name: string) => {
      const { driverLife } = await import('../drivers/drivers.js')
      const { verbText } = await import('../drivers/describe.js')
      const life = await driverLife(name, await placesOf(context, command))
      const report = await life.verbs[verb]({ isDryRun: command.opts<DriverOptions>().dryRun === true })
      context.exitCode = report.isDone ? 0 : 1
      context.print(await printed(command, report, verbText))
    }),
  )
}

function named(
  context: ProgramContext,
  { name, ...text }: { name: string; summary: string; example: string },
): Subcommand {
  return context
    .subcommand(name, text)
    .argument('<driver>', 'as the configuration writes it, e.g. libvirt or folder:/run/guests')
    .option('--json', 'print JSON')
}

async function printed<T>(command: Subcommand, value: T, text: (value: T) => string): Promise<string> {
  if (command.opts<DriverOptions>().json !== true) return text(value)
  const { json } = await import('@negotiator/common')
  return json(value)
}
