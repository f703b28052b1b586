/**
 * Tools for tests that write down what they are asked, and answer as the test says.
 */
import type { Machine, ToolResult } from './machine.js'

/** The line of a call of a tool, and what came over its standard input. */
export interface AskedTool {
  readonly line: string
  readonly input: string
}

/**
 * @param answers by the tool's name or its whole line; a tool that is in neither way there is missing
 * @returns what to give a test machine, and what was asked
 */
export function recordedTools(
  answers: Readonly<Record<string, Partial<ToolResult> | ((line: string) => Partial<ToolResult>)>>,
): { readonly run: Machine['run']; readonly asked: AskedTool[] } {
  const asked: AskedTool[] = []
  const run: Machine['run'] = async (file, args, { input = '' }) => {
    const line = [file, ...args].join(' ')
    const answer = answers[line] ?? answers[file]
    if (answer === undefined) return await Promise.resolve(undefined)
    asked.push({ line, input: input.toString() })
    return { exitCode: 0, stdout: '', stderr: '', ...(typeof answer === 'function' ? answer(line) : answer) }
  }
  return { run, asked }
}
