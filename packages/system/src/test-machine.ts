/**
 * Machines for tests: their files are given or recorded, their tools answer what they once printed, and nothing of them is changed.
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { testFolder } from '@negotiator/common/testing'
import type { Teardown } from '@negotiator/common/testing'
import { asModule } from './as-module.js'
import type { SystemCommand } from './command.js'
import type { Machine, ToolResult } from './machine.js'

/** What a test machine is made of. */
export interface TestMachineParts extends Partial<Machine> {
  /** Texts by path; `-> target` makes a link. */
  readonly files?: Readonly<Record<string, string>>
  /** What tools print, by their whole command line; those that are not named are not there. */
  readonly tools?: Readonly<Record<string, string | Partial<ToolResult>>>
}

/** A machine in a folder of the test. */
export function testMachine(
  test: Teardown,
  { files = {}, tools = {}, ...parts }: TestMachineParts = {},
): Machine {
  const root = testFolder(test)
  for (const [path, text] of Object.entries(files)) place(join(root, path), text)
  const run: Machine['run'] = async (file, args) => {
    const tool = tools[[file, ...args].join(' ')]
    if (tool === undefined) return Promise.resolve(undefined)
    const result = typeof tool === 'string' ? { stdout: tool } : tool
    return Promise.resolve({ exitCode: 0, stdout: '', stderr: '', ...result })
  }
  return {
    root,
    run,
    now: () => new Date('2026-07-01T12:00:00Z'),
    wait: async () => Promise.resolve(),
    architecture: 'x86_64',
    networkInterfaces: () => ({}),
    statFileSystem: async () => Promise.reject(new Error('no such file system')),
    ...parts,
  }
}

function place(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  if (text.startsWith('-> ')) symlinkSync(text.slice(3), path)
  else writeFileSync(path, text)
}

/** How a call ended. */
export interface Called {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Calls a command as the worker does. */
export async function callCommand(
  command: SystemCommand,
  {
    machine,
    args = [],
    stdin = '',
  }: { machine: Machine; args?: readonly string[]; stdin?: string | Uint8Array },
): Promise<Called> {
  const [out, error]: [Uint8Array[], string[]] = [[], []]
  const exitCode = await asModule(
    command,
    machine,
  )({
    args,
    caller: 'host',
    callerKind: 'host',
    stdin: streamOf(stdin),
    signal: new AbortController().signal,
    write: async (content) => void (await Promise.resolve(out.push(Buffer.from(content as string)))),
    writeError: async (content) => void (await Promise.resolve(error.push(content))),
  })
  return { exitCode, stdout: Buffer.concat(out).toString(), stderr: error.join('') }
}

async function* streamOf(content: string | Uint8Array): AsyncGenerator<Uint8Array> {
  if (content.length > 0) yield Promise.resolve(Buffer.from(content))
}
