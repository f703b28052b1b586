/**
 * Tries, as the user that a command will run as, whether that user may run it.
 * Floor 4. The command itself does not run. Without this a tool such as setpriv would be the one to fail, with an exit status and
 * a message that look like the command's own.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type { Result } from '../wire/result.js'
import type { Launch } from './launch.js'
import type { ProgramFile } from './program-file.js'
import { notStarted, systemRefusal } from './start-refusals.js'

/** Told apart by exit status; the file is the script's `$0`, and its interpreter, if it has one, `$1`. */
const script =
  'test -x "$0" || exit 3; test $# = 0 && exit 0; test -r "$0" || exit 4; test -x "$1" || exit 5; exit 0'

/** @returns why it cannot be run, if so */
export async function rehearse(
  path: string,
  { launch, file }: { launch: Launch; file: ProgramFile },
): Promise<Result | undefined> {
  const interpreter = file.kind === 'script' ? [file.interpreter] : []
  if (interpreter.some((name) => !existsSync(name))) return systemRefusal('ENOENT')
  const [tool = '', ...args] = [...launch.setpriv, '/bin/sh', '-c', script, path, ...interpreter]
  const child = spawn(tool, args, { ...launch.ids, env: {}, cwd: '/', stdio: 'ignore' })
  const [status] = (await once(child, 'exit').catch(() => [undefined])) as [unknown]
  return status === 0 ? undefined : refusalOf(status, launch.userName)
}

function refusalOf(status: unknown, userName = 'the daemon'): Result {
  if (status === 3) return notStarted(`its user "${userName}" may not execute it, or not enter its folder`)
  if (status === 4) return notStarted(`its user "${userName}" may not read it, which a script needs`)
  if (status === 5) return notStarted(`its user "${userName}" may not execute its interpreter`)
  return systemRefusal('EPERM')
}
