// The reporter of all our tap runs: keeps the whole TAP in a file, and shows one line per test file and what failed in it.
// tap's own reporters take the tests' stderr and lose it: a crash has no cause then, and a test that writes more than
// a pipe holds stands still. Under a reporter that is a stream, stderr goes straight to the terminal.

import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { Transform } from 'node:stream'

const fileLine = /^(not ok|ok) \d+ - (.*)$/
const testLine = /^( +)(not ok|ok) \d+(?!.*# TODO)/
const todoLine = /^( +)not ok \d+.*# TODO/
const noise = /^\s*(?:1\.\.\d+.*|# time=.*)?$/
const endingOfFile = /^ {2}(?:(?:exitCode|signal): (?!null)|expired:).*$/

/** A stream of TAP in, a report for people out; the TAP itself goes to $TAP_RESULTS_FILE. */
export default class Reporter extends Transform {
  #results
  #unfinishedLine = ''
  #block = []

  constructor() {
    super()
    const path = process.env.TAP_RESULTS_FILE ?? '.tap/results.tap'
    mkdirSync(dirname(path), { recursive: true })
    this.#results = openSync(path, 'w')
  }

  _transform(chunk, _encoding, done) {
    writeSync(this.#results, chunk)
    const lines = (this.#unfinishedLine + chunk).split('\n')
    this.#unfinishedLine = lines.pop()
    for (const line of lines) this.#readLine(line)
    done()
  }

  _flush(done) {
    closeSync(this.#results)
    done()
  }

  #readLine(line) {
    const [, verdict, name] = fileLine.exec(line) ?? []
    if (verdict === undefined) {
      if (endingOfFile.test(line)) this.push(`${line}\n`)
      if (line.startsWith('# Subtest: ')) this.#block = []
      else this.#block.push(line)
      return
    }
    this.push(
      verdict === 'ok' ? `ok   ${name}\n` : [`FAIL ${name}`, ...keepFailures(this.#block), ''].join('\n'),
    )
    this.#block = []
  }
}

/** Takes the tests that passed out of the TAP of one file, with all that is inside them. */
function keepFailures(lines) {
  const kept = []
  for (const line of lines) {
    const [, indent, verdict] = testLine.exec(line) ?? todoLine.exec(line) ?? []
    if (verdict === 'not ok') kept.push(line)
    else if (indent !== undefined) dropSubtest(kept, indent)
    else if (!noise.test(line)) kept.push(line)
  }
  return kept
}

function dropSubtest(kept, indent) {
  const start = kept.findLastIndex((line) => !line.startsWith(`${indent} `))
  if (start >= 0 && kept[start].startsWith(`${indent}# Subtest: `)) kept.length = start
}
