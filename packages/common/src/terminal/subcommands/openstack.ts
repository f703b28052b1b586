/**
 * `openstack`: a host's calls to the OpenStack agent in a domain, over XenStore; an old agent or one of ours.
 * Floor 8. Passwords and files come over standard input: arguments are seen by every process.
 */
import { Option } from 'commander'
import type { Command } from 'commander'
import { systemClock } from '../../clock.js'
import type { OpenStackAgent } from '../../dialects/openstack/host-agent.js'
import { UsageError } from '../../errors.js'
import { xenStorePayloadBytesMax } from '../../dialects/xen-limits.js'
import { secondsOption } from '../options.js'
import { lastCommand } from '../program-context.js'
import type { ProgramContext } from '../program-context.js'
import type { Terminal } from '../run.js'

/** One call from the command line. */
interface Call {
  readonly agent: OpenStackAgent
  readonly args: readonly string[]
  readonly terminal: Terminal
}

/** @returns what is printed */
type MakeCall = (call: Call) => Promise<string>

interface KnownCall {
  /** The arguments behind its name. */
  readonly usage: string
  readonly summary: string
  readonly make: MakeCall
}

const calls: ReadonlyMap<string, KnownCall> = new Map([
  ['version', { usage: '', summary: 'waits until an agent is there', make: version }],
  ['features', { usage: '', summary: 'the calls that the agent knows, one a line', make: features }],
  [
    'set-password',
    { usage: '', summary: "root's password, from the first line of input", make: setPassword },
  ],
  ['inject-file', { usage: 'PATH', summary: 'a file, from input', make: injectFile }],
  [
    'reset-network',
    { usage: '', summary: 'the network as the records in vm-data have it', make: resetNetwork },
  ],
  ['update', { usage: 'URL [MD5]', summary: 'another version of the agent', make: update }],
])

const helpOfCalls = [...calls]
  .map(([name, { usage, summary }]) => `  ${`${name} ${usage}`.padEnd(20)}${summary}`)
  .join('\n')

/** `openstack` */
export function openStackCommand(context: ProgramContext): Command {
  const text = { summary: "call a domain's OpenStack agent over XenStore", example: 'openstack web1 version' }
  return context
    .subcommand('openstack', text)
    .argument('<domain>', 'its number, name or uuid, as XenStore has it')
    .argument('<call>', `one of ${[...calls.keys()].join(', ')}`)
    .argument('[args...]', "the call's own")
    .option('--xenstore <socket>', "the XenStore daemon's socket", '/run/xenstored/socket')
    .addOption(
      new Option(
        '--timeout <seconds>',
        "give up after so long; 30 s, or the call's own, unless given",
      ).argParser(secondsOption),
    )
    .addHelpText('after', `\nCalls:\n${helpOfCalls}`)
    .action(async (...parameters: unknown[]) => {
      const command = lastCommand(parameters)
      const [domain = '', name = '', ...args] = command.args
      const make = checkedCall(name, args)
      const { xenstore: path, timeout: timeoutMs } = command.opts<{ xenstore: string; timeout?: number }>()
      // Loaded when they are wanted: the other subcommands start faster without them.
      const { OpenStackAgent } = await import('../../dialects/openstack/host-agent.js')
      const { connectXenStore } = await import('../../dialects/xenstore/client.js')
      const store = await connectXenStore({ path, clock: systemClock })
      try {
        const agent = new OpenStackAgent({ store, domain, clock: systemClock, timeoutMs })
        context.print(await make({ agent, args, terminal: context.options.terminal }))
      } finally {
        store.close()
      }
    })
}

/** @throws {UsageError} `bad-option` before anything is asked */
function checkedCall(name: string, args: readonly string[]): MakeCall {
  const call = calls.get(name)
  if (call === undefined)
    throw new UsageError(`Cannot call "${name}": wanted one of ${[...calls.keys()].join(', ')}`, {
      code: 'bad-option',
    })
  const words = call.usage.split(' ').filter((word) => word !== '')
  const needed = words.filter((word) => !word.startsWith('['))
  if (args.length >= needed.length && args.length <= words.length) return call.make
  const wanted = words.length === 0 ? 'no arguments' : call.usage
  throw new UsageError(`Cannot call "${name}" with ${args.length} arguments: wanted ${wanted}`, {
    code: 'bad-option',
  })
}

async function version({ agent }: Call): Promise<string> {
  return `${await agent.version()}\n`
}

async function features({ agent }: Call): Promise<string> {
  return (await agent.features()).map((name) => `${name}\n`).join('')
}

async function setPassword({ agent, terminal }: Call): Promise<string> {
  const [password = ''] = (await inputOf(terminal)).toString().split('\n')
  if (password === '')
    throw new UsageError('Cannot set the password: standard input is empty', { code: 'no-input' })
  await agent.setPassword(password)
  return ''
}

async function injectFile({ agent, args: [path = ''], terminal }: Call): Promise<string> {
  await agent.injectFile({ path, content: await inputOf(terminal) })
  return ''
}

async function resetNetwork({ agent }: Call): Promise<string> {
  await agent.resetNetwork()
  return ''
}

async function update({ agent, args: [url = '', md5] }: Call): Promise<string> {
  await agent.update({ url, md5 })
  return ''
}

/** As much of standard input as could be sent, and a little more, so that what is too long is told as such. */
async function inputOf({ stdin }: Terminal): Promise<Buffer> {
  const chunks: Buffer[] = []
  let byteCount = 0
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk as Uint8Array | string)
    chunks.push(bytes)
    byteCount += bytes.length
    if (byteCount > xenStorePayloadBytesMax) break
  }
  return Buffer.concat(chunks)
}
