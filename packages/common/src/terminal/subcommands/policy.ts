/**
 * `policy`: what the policy says, before and while it is in force.
 * Floor 8. It reads the files as the daemon would, and needs none to run.
 */
import type { Command } from 'commander'
import { UsageError } from '../../errors.js'
import { escapeControl, silentLog } from '../../log.js'
import { explain } from '../../policy/explain.js'
import { sentenceOfProblem } from '../../policy/fault.js'
import { readPolicy } from '../../policy/read-policy.js'
import type { ReadPolicy } from '../../policy/read-policy.js'
import { callerFrom, targetFrom } from '../policy/ends.js'
import { findSurprises, parseExpectations } from '../policy/expectations.js'
import { explanationLines, rowsOf, surpriseLine } from '../policy/policy-text.js'
import { folderAsked, readExpectations, readTheseFiles } from '../policy/read-files.js'
import { json, table } from '../print.js'
import { lastCommand } from '../program-context.js'
import type { ProgramContext, SubcommandText } from '../program-context.js'

interface PolicyOptions {
  readonly folder?: string
  readonly json?: boolean
}

/** `policy` */
export function policyCommand(context: ProgramContext): Command {
  const group = context.subcommand('policy', {
    summary: 'tell who may call what, and find mistakes in it',
    example: 'policy lint',
  })
  group.enablePositionalOptions()
  for (const add of [addLint, addShow, addExplain, addTest]) add(context, group)
  return group
}

function addLint(context: ProgramContext, group: Command): void {
  const text = { summary: 'find mistakes in the policy, or in these files', example: 'policy lint' }
  member(context, group, { name: 'lint', ...text })
    .argument('[files...]', 'policy files, in the order in which they shall be asked')
    .action(async (...parameters: unknown[]) => {
      const command = lastCommand(parameters)
      const { files, rules, problems } = await lintedPolicy(context, command)
      context.exitCode = problems.length > 0 ? 1 : 0
      if (isJson(command)) return context.print(json({ files, ruleCount: rules.length, problems }))
      for (const problem of problems) print(context, sentenceOfProblem(problem))
      print(
        context,
        `${counted(rules.length, 'rule')} in ${counted(files.length, 'file')}, ${counted(problems.length, 'fault')}`,
      )
    })
}

function addShow(context: ProgramContext, group: Command): void {
  const text = { summary: 'print the rules in the order in which they are asked', example: 'policy show' }
  member(context, group, { name: 'show', ...text }).action(async (...parameters: unknown[]) => {
    const command = lastCommand(parameters)
    const { rules, problems } = await policyOf(context, command)
    warnOf(context, problems.length)
    const plain = rules.map(({ rule }) => rule)
    context.print(isJson(command) ? json(plain) : table(rowsOf(plain)))
  })
}

function addExplain(context: ProgramContext, group: Command): void {
  const example = context.isHost
    ? 'policy explain web1 @host resize-disk vda 20G'
    : 'policy explain @host @self power-off'
  member(context, group, {
    name: 'explain',
    summary: 'say which rule decides a call, and why those before it do not',
    example,
  })
    .argument('<caller>', 'a guest ("web1", "web1,uuid:..."), @host, @self, or a user ("user:alice")')
    .argument('<target>', '@host, @self, or a guest')
    .argument('<command>', 'its name')
    .argument('[args...]', 'its arguments, as they would be passed')
    .passThroughOptions()
    .action(async (...parameters: unknown[]) => {
      const command = lastCommand(parameters)
      const [caller = '', target = '', name = '', ...args] = command.args
      const { rules, problems } = await policyOf(context, command)
      warnOf(context, problems.length)
      const question = { caller: await callerFrom(caller), target: targetFrom(target), command: name, args }
      const { side } = context.options
      const explanation = explain(rules, question, side)
      // What rules with a fault among them allow is not allowed by any daemon.
      context.exitCode = explanation.decision.kind === 'allow' && problems.length === 0 ? 0 : 1
      if (isJson(command)) return context.print(json({ side, problems, ...explanation }))
      for (const line of explanationLines(explanation)) print(context, line)
      print(context, `this is the policy of the ${side}; the other side asks its own`)
    })
}

function addTest(context: ProgramContext, group: Command): void {
  const text = {
    summary: 'compare decisions with a file of expected ones',
    example: 'policy test expected.txt',
  }
  member(context, group, { name: 'test', ...text })
    .argument('<file>', 'lines of DECISION CALLER TARGET COMMAND [ARGUMENT ...]')
    .action(async (...parameters: unknown[]) => {
      const command = lastCommand(parameters)
      const [path = ''] = command.args
      const expectations = await parseExpectations(await readExpectations(path), path)
      const { rules, problems } = await policyOf(context, command)
      warnOf(context, problems.length)
      const surprises = findSurprises(expectations, { rules, side: context.options.side })
      const held = expectations.length - surprises.length
      context.exitCode = surprises.length > 0 || problems.length > 0 ? 1 : 0
      if (isJson(command)) return context.print(json({ held, surprises, problems }))
      for (const surprise of surprises) print(context, surpriseLine(surprise))
      print(context, `${held} expectations hold, ${surprises.length} do not`)
    })
}

/** One of the group, with the options that all of them have. */
function member(
  context: ProgramContext,
  group: Command,
  { name, ...text }: SubcommandText & { readonly name: string },
): Command {
  const command = context
    .subcommand(name, text)
    .option('--folder <dir>', 'the policy files of this folder, instead of those in force')
    .option('--json', 'print JSON')
  group.addCommand(command)
  return command
}

function isJson(command: Command): boolean {
  return command.opts<PolicyOptions>().json === true
}

async function lintedPolicy(context: ProgramContext, command: Command): Promise<ReadPolicy> {
  if (command.args.length === 0) return await policyOf(context, command)
  if (command.opts<PolicyOptions>().folder !== undefined)
    throw new UsageError('Cannot take files and --folder at once: name the one or the other', {
      code: 'bad-option',
    })
  return await readTheseFiles(command.args)
}

async function policyOf(context: ProgramContext, command: Command): Promise<ReadPolicy> {
  const { folder: asked } = command.opts<PolicyOptions>()
  const config = await context.config(command)
  const folder = asked === undefined ? config['policy-folder'] : await folderAsked(asked)
  const shippedFile = await context.options.shippedPolicy({ config, log: silentLog })
  if (shippedFile === undefined)
    context.options.output.stderr(
      `${context.name}: the shipped policy cannot be read here, and is left out\n`,
    )
  return await readPolicy({ folder, shippedFile })
}

/** With a fault anywhere the daemon keeps the last good policy. */
function warnOf(context: ProgramContext, problemCount: number): void {
  if (problemCount === 0) return
  context.options.output.stderr(
    `${context.name}: the policy has ${counted(problemCount, 'fault')}, so a daemon keeps its last good one; \`${context.name} policy lint\` tells\n`,
  )
}

function print(context: ProgramContext, line: string): void {
  context.print(`${escapeControl(line)}\n`)
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
