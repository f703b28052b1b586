/**
 * Where the files of this host's drivers lie, as the configuration has it.
 */
import { dirname, resolve } from 'node:path'
import type { MakeSubcommand, ProgramContext } from '@negotiator/common'
import type { DriverPlaces } from '../drivers/kind.js'

/** @throws as `context.config` does */
export async function placesOf(
  context: ProgramContext,
  command: ReturnType<MakeSubcommand>,
): Promise<Pick<DriverPlaces, 'root' | 'runFolder' | 'stateFolder'>> {
  const { 'control-socket': socket, 'state-folder': stateFolder } = await context.config(command)
  return { root: resolve(context.root(command)), runFolder: dirname(socket), stateFolder }
}
