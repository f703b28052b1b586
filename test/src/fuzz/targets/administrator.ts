/**
 * What an administrator writes beside the configuration: policy files, and the settings of commands.
 */
import { isUtf8 } from 'node:buffer'
import { parsePolicy, parseSettings, sentenceOfProblem } from '@negotiator/common/testing'
import { holds, same } from '../target.js'
import type { Target } from '../target.js'

export const policyTarget: Target = {
  name: 'policy',
  promise: 'never throws, and says of each fault where it is and what mends it, in one line',
  grammar: 'lines',
  tokens: [
    'allow',
    'deny',
    '@host',
    '@self',
    '@none',
    '*',
    'uuid:',
    '+WORD',
    '%2',
    'timeout=3s',
    'rate=1/s',
    'target=',
  ],
  check: (input) => {
    const text = input.toString()
    const source = { file: '30-local.policy', path: '/etc/negotiator/policy.d/30-local.policy', text }
    const { rules, problems } = parsePolicy([source])
    const lineCount = text.split('\n').length
    for (const problem of problems) {
      const { line, column, fix } = problem
      holds(line >= 1 && line <= lineCount && column >= 1 && fix !== '', 'a fault without place or fix')
      holds(
        isOneLine(sentenceOfProblem(problem)),
        `a fault shows what it should not: ${sentenceOfProblem(problem)}`,
      )
    }
    holds(rules.length <= lineCount, 'more rules than lines')
    same(parsePolicy([source]).problems, problems, 'it reads the same otherwise')
  },
}

const kinds = ['executable', 'module', 'socket'] as const

export const settingsTarget: Target = {
  name: 'settings',
  promise: 'never throws, and says in one short line what is wrong',
  grammar: 'lines',
  tokens: [
    'args',
    'timeout',
    '"30s"',
    'max-concurrent',
    '[environment]',
    '(a+)+$',
    '[^-].*',
    'secret-args',
    '[[args]]',
  ],
  check: (input) => {
    const text = input.toString()
    if (!isUtf8(input)) return
    for (const kind of kinds) {
      const read = parseSettings({ text, kind })
      if (!('reason' in read)) continue
      holds(isOneLine(read.reason), `a reason shows what it should not: ${read.reason}`)
      holds(read.reason.length < 1_000, 'a reason is long')
    }
  },
}

/** Nothing that could drive a terminal or forge a line of a log. */
function isOneLine(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return text !== '' && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/.test(text)
}
