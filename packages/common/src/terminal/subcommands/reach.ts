/**
 * Whether a peer can be reached: how fast it answers, and when it is ready.
 * Floor 8.
 */
import type { Command } from 'commander'
import { secondsOption } from '../options.js'
import { json } from '../print.js'
import { lastCommand } from '../program-context.js'
import type { ProgramContext } from '../program-context.js'

interface PingOptions {
  readonly json?: boolean
  readonly timeout?: number
}

/** `ping` */
export function pingCommand(context: ProgramContext): Command {
  const text = context.isHost
    ? { summary: "measure the round trip to a guest's daemon", example: 'ping web1' }
    : { summary: "measure the round trip to the host's daemon", example: 'ping' }
  return context
    .targeted('ping', text)
    .option('--json', 'print JSON')
    .option('--timeout <seconds>', 'give up after so long, with exit status 124', secondsOption)
    .action(async (...parameters: unknown[]) => {
      const command = lastCommand(parameters)
      const [target] = context.targetAndRest(command)
      await context.withDaemon(command, async (client) => {
        const { json: isJson, timeout } = command.opts<PingOptions>()
        const roundTripMs = await client.ping(target, { timeoutMs: timeout })
        context.print(
          isJson === true
            ? json({ target, roundTripMs })
            : `${target} answers after ${roundTripMs.toFixed(2)} ms\n`,
        )
      })
    })
}

/** `wait` */
export function waitCommand(context: ProgramContext): Command {
  const text = context.isHost
    ? { summary: 'wait until a guest can be called', example: 'wait web1 --timeout 60' }
    : { summary: 'wait until the host can be called', example: 'wait --timeout 60' }
  return context
    .targeted('wait', text)
    .option('--timeout <seconds>', 'give up after so long, with exit status 124', secondsOption)
    .action(async (...parameters: unknown[]) => {
      const command = lastCommand(parameters)
      const [target] = context.targetAndRest(command)
      const timeoutMs = command.opts<{ readonly timeout?: number }>().timeout
      await context.withDaemon(command, async (client) => await client.wait(target, { timeoutMs }))
    })
}
