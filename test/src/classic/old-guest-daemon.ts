/**
 * Runs in the guest: python-negotiator's guest daemon, as far as a host can tell.
 *
 * One request at a time on the host-to-guest port; the first surprise ends it.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { OldPort } from './old-port.js'

const commands = '/usr/lib/negotiator/commands'

interface Request {
  readonly method: string
  readonly args: readonly string[]
  readonly kw: { readonly input?: string | null }
}

const port = new OldPort('negotiator-host-to-guest.0')
for (;;) port.send(answerTo(port.receive() as Request))

function answerTo({ method, args, kw }: Request): object {
  if (method === 'list_commands') return { success: true, result: readdirSync(commands) }
  if (method === 'execute') return execute(args, kw.input ?? '')
  return { success: false, error: `Method ${method} not supported` }
}

function execute([name = '', ...args]: readonly string[], input: string): object {
  const path = join(commands, basename(name))
  const words = [path, ...args].join(' ')
  if (!existsSync(path)) return failure(`External command isn't available!\n\nCommand:\n${words}`)
  const { status, signal, stdout } = spawnSync(path, args, { input, stdio: ['pipe', 'pipe', 'inherit'] })
  if (status === 0) return { success: true, result: stdout.toString().trim() }
  const code = signal === 'SIGKILL' ? -9 : status
  return failure(`External command failed with exit code ${code}!\n\nCommand:\n${words}`)
}

function failure(error: string): object {
  return { success: false, error }
}
