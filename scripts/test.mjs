// `pnpm test`: the static checks, the unit tests of every package, and the stories in virtual machines, in that order.
// Nothing is skipped and no old result counts. It says what ran, and its last line is `N passed, N failed`.

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { prune } from './prune.mjs'
import { readTapResults } from './tap-results.mjs'
import { listFiles, root, runProgram } from './workspace.mjs'

const checks = [
  {
    name: 'build',
    program: 'turbo',
    args: ['run', 'build', '--continue=dependencies-successful', '--output-logs=errors-only'],
  },
  { name: 'format', program: 'oxfmt', args: ['--check'] },
  { name: 'lint', program: 'oxlint', args: [] },
  { name: 'floors', program: 'node', args: ['scripts/floors.mjs'] },
]

/** Where each group of unit tests is written, and what turbo calls it. */
const groups = [
  { name: 'scripts', filter: '//', home: '.', sources: 'scripts', ending: '.test.mjs' },
  packageGroup('common', 'packages/common'),
  packageGroup('system', 'packages/system'),
  packageGroup('host', 'packages/host'),
  packageGroup('guest', 'packages/guest'),
  packageGroup('test', 'test'),
]

const checked = await runChecks()
const isBuilt = checked.every(({ name, failed }) => name !== 'build' || failed === 0)
const tested = await runUnitTests()
const told = await runStories()
report()

function packageGroup(name, home) {
  return { name, filter: `@negotiator/${name}`, home, sources: join(home, 'src'), ending: '.test.ts' }
}

async function runChecks() {
  const outcomes = []
  for (const { name, program, args } of checks) {
    console.log(`\n== ${name}`)
    const isPassed = await runProgram(program, args)
    outcomes.push(isPassed ? outcome(name, 'passed', { passed: 1 }) : outcome(name, 'failed', { failed: 1 }))
  }
  return outcomes
}

/** A package whose build failed is not tested, for its compiled tests would be old ones: its results are missing. */
async function runUnitTests() {
  console.log('\n== unit tests')
  for (const { home } of groups) {
    rmSync(join(root, home, '.tap/results.tap'), { force: true })
    prune(join(root, home))
  }
  const withTests = groups.filter(({ sources, ending }) => listFiles(sources, ending).length > 0)
  const filters = withTests.map(({ filter }) => `--filter=${filter}`)
  // One package after the other: each runs as many files at once as there are processors.
  const flags = ['--concurrency=1', '--continue=dependencies-successful', '--output-logs=errors-only']
  const isPassed = await runProgram('turbo', ['run', 'test', 'test:scripts', ...flags, ...filters])
  const outcomes = groups.map(({ name, home, sources, ending }) =>
    judge({ name, results: join(home, '.tap/results.tap'), fileCount: listFiles(sources, ending).length }),
  )
  return outcomes.concat(judgeExit({ name: 'turbo', isPassed, outcomes }))
}

async function runStories() {
  console.log('\n== stories')
  const name = 'stories'
  const fileCount = listFiles('test/src', '.e2e.ts').length
  if (!isBuilt) return [outcome(name, 'not run, because the build failed', { failed: 1 })]
  const isPassed = await runProgram('node', ['scripts/stories.mjs'])
  const outcomes = [judge({ name, results: 'test/.tap/stories.tap', fileCount })]
  return outcomes.concat(judgeExit({ name, isPassed, outcomes }))
}

/** Compares what tap wrote down with what was there to run. */
function judge({ name, results, fileCount }) {
  if (fileCount === 0) return outcome(name, 'none written', {})
  const sums = readTapResults(join(root, results))
  if (sums === undefined) return outcome(name, `${count(fileCount, 'file')}, no results`, { failed: 1 })
  const { files, passed, failed, skipped } = sums
  const remark = `${count(files, 'file')}, ${count(passed + failed + skipped, 'assert')}`
  if (files === fileCount) return outcome(name, remark, sums)
  return outcome(name, `${remark}, but ${count(fileCount, 'file')} to run`, {
    passed,
    failed: failed + 1,
    skipped,
  })
}

/** A program that failed although all its results look well is a failure of its own. */
function judgeExit({ name, isPassed, outcomes }) {
  if (isPassed || outcomes.some(({ failed }) => failed > 0)) return []
  return [outcome(name, 'ended with an error that no test accounts for', { failed: 1 })]
}

function outcome(name, remark, { passed = 0, failed = 0, skipped = 0 }) {
  return { name, remark, passed, failed, skipped }
}

function count(number, thing) {
  return `${number} ${thing}${number === 1 ? '' : 's'}`
}

function report() {
  const outcomes = [...checked, ...tested, ...told]
  console.log('\n== what ran')
  for (const { name, remark, failed } of outcomes) {
    console.log(`${failed > 0 ? 'FAIL' : 'ok  '} ${name.padEnd(8)} ${remark}`)
  }
  const sum = (key) => outcomes.reduce((total, one) => total + one[key], 0)
  const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : ''
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped}`)
  process.exitCode = sum('failed') > 0 ? 1 : 0
}
