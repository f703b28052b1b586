/**
 * The hooks of the machine that the program runs on, as its daemon would run them.
 * Floor 8.
 */
import type { Command } from 'commander'
import { openHooks } from '../../agent/open-hooks.js'
import { systemClock } from '../../clock.js'
import type { Hooks } from '../../hooks/hooks.js'
import { silentLog } from '../../log.js'
import type { ProgramContext } from '../program-context.js'

/** @throws as {@link ProgramContext.config} does */
export async function hooksOf(context: ProgramContext, command: Command): Promise<Hooks> {
  const config = await context.config(command)
  return await openHooks({ side: context.options.side, config, clock: systemClock, log: silentLog })
}
