/**
 * The subcommand `guest`: the managed guests of this host, a member for each thing that is done with a definition or a machine.
 * What is done with definitions works on the store's files; machines are the daemon's. Each member is loaded once it is wanted.
 */
import { secondsOption } from '@negotiator/common/program'
import type { MachineAction, MakeSubcommand, ProgramContext } from '@negotiator/common'
import type { ActOnGuests, GuestOptions } from './guest/act.js'

type Subcommand = ReturnType<MakeSubcommand>

interface Member {
  readonly name: string
  readonly summary: string
  readonly example: string
  /** Each in pointed brackets, with what it means. */
  readonly args: readonly (readonly [argument: string, meaning: string])[]
  readonly options: readonly (readonly [option: string, meaning: string, read?: (text: string) => unknown])[]
  readonly load: () => Promise<ActOnGuests>
}

const guestArgument = ['<guest>', 'its name or uuid, as `guest list` has it'] as const
const dryRun = ['--dry-run', 'change nothing, show what would be'] as const
const json = ['--json', 'print JSON'] as const
const timeout = ['--timeout <seconds>', 'all of it is over by then', secondsOption] as const

const definitionMembers: readonly Member[] = [
  {
    name: 'define',
    summary: 'keep a definition, new or in the place of the one with its uuid',
    example: 'guest define web1.toml --dry-run',
    args: [['<file>', 'TOML, JSON, libvirt XML, SXP or a record of the Xen API; - is standard input']],
    options: [
      ['--format <form>', 'toml, json, xml, sxp or xen-api; told by the content unless given'],
      dryRun,
    ],
    load: async () => (await import('./guest/define.js')).defineGuest,
  },
  {
    name: 'list',
    summary: 'list the managed guests, and how the machine of each is',
    example: 'guest list',
    args: [],
    options: [json],
    load: async () => (await import('./guest/look.js')).listGuests,
  },
  {
    name: 'show',
    summary: 'print a definition with all that is in force, as it can be defined again',
    example: 'guest show web1 --json',
    args: [guestArgument],
    options: [['--format <form>', 'toml or json; toml unless given'], json],
    load: async () => (await import('./guest/look.js')).showGuest,
  },
  {
    name: 'edit',
    summary: 'change a definition with your $EDITOR; what is wrong is not kept',
    example: 'guest edit web1',
    args: [guestArgument],
    options: [dryRun],
    load: async () => (await import('./guest/edit.js')).editGuest,
  },
  {
    name: 'rename',
    summary: 'give a guest another name; its uuid stays',
    example: 'guest rename web1 web2',
    args: [guestArgument, ['<name>', 'its new name']],
    options: [dryRun],
    load: async () => (await import('./guest/change.js')).renameGuest,
  },
  {
    name: 'undo',
    summary: 'take the last change of a definition back, or that it was undefined',
    example: 'guest undo web1',
    args: [guestArgument],
    options: [dryRun],
    load: async () => (await import('./guest/change.js')).undoGuest,
  },
  {
    name: 'undefine',
    summary: 'forget a definition; `guest undo` brings it back',
    example: 'guest undefine web1',
    args: [guestArgument],
    options: [dryRun],
    load: async () => (await import('./guest/change.js')).undefineGuest,
  },
]

const lifeMembers: readonly Member[] = [
  lifeMember({ name: 'start', summary: 'start a guest that is off', example: 'guest start web1' }),
  lifeMember({
    name: 'stop',
    summary: 'stop a guest: its agent is asked, then its power button is pressed, then it is killed',
    example: 'guest stop web1 --mode acpi',
    options: [['--mode <mode>', 'only one way: agent, acpi or kill'], timeout],
  }),
  lifeMember({
    name: 'suspend',
    summary: "write a guest's memory to the disk, and end it",
    example: 'guest suspend web1',
  }),
  lifeMember({ name: 'resume', summary: 'let a suspended guest go on', example: 'guest resume web1' }),
  lifeMember({
    name: 'host-shutdown',
    summary: 'do with all guests at once what "on_host_shutdown" says',
    example: 'guest host-shutdown --timeout 240',
    args: [],
    options: [timeout],
  }),
]

/** `guest` */
export function guestCommand(context: ProgramContext): Subcommand {
  const text = { summary: 'define, start and stop managed guests', example: 'guest define web1.toml' }
  const group = context.subcommand('guest', text)
  group.enablePositionalOptions()
  for (const member of [...definitionMembers, ...lifeMembers])
    group.addCommand(memberCommand(context, member))
  return group
}

function memberCommand(context: ProgramContext, { name, args, options, load, ...text }: Member): Subcommand {
  const made = context.subcommand(name, text)
  for (const [argument, meaning] of args) made.argument(argument, meaning)
  for (const [option, meaning, read = (text: string): unknown => text] of options)
    made.option(option, meaning, read)
  return made.action(async () => {
    const act = await load()
    const { openStore } = await import('./guest/act.js')
    const { 'state-folder': stateFolder } = await context.config(made)
    const store = openStore(stateFolder)
    await act({ context, command: made, store, args: made.args, options: made.opts<GuestOptions>() })
  })
}

/** What the daemon does. */
function lifeMember({
  name,
  args = [guestArgument],
  options = [],
  ...text
}: Pick<Member, 'summary' | 'example'> &
  Partial<Pick<Member, 'args' | 'options'>> & { readonly name: MachineAction }): Member {
  const load = async (): Promise<ActOnGuests> => (await import('./guest/life.js')).haveDone(name)
  return { name, args, options: [...options, json], load, ...text }
}
