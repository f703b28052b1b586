import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { test } from 'tap'
import { runLater } from './run-later.js'
import { runTool } from './run-tool.js'
import { testMachine } from './test-machine.js'

test('runLater() runs a real program later, with its words as they are', async (t) => {
  const machine = testMachine(t, { run: runTool })
  const path = join(machine.root, 'done')
  const words = ['$(id)', 'a b', "it's"]
  const argv = [
    'sh',
    '-c',
    'until [ -e "$1.go" ]; do sleep 0.1; done; path=$1; shift; printf "[%s]" "$@" >"$path.new"; mv "$path.new" "$path"',
    'sh',
    path,
    ...words,
  ]
  await runLater(machine, { unit: 'negotiator-test', seconds: 1, argv, purpose: 'Cannot test' })
  // Whoever waited for it would not come here.
  writeFileSync(`${path}.go`, '')
  t.equal(await untilThere(path), "[$(id)][a b][it's]")
})

test('runLater() says at once that there is no such program', async (t) => {
  const machine = testMachine(t, { run: runTool })
  const planned = { unit: 'negotiator-test', seconds: 1, argv: ['no-such-tool-here'], purpose: 'Cannot test' }
  await t.rejects(runLater(machine, planned), {
    message: 'Cannot test: this machine has no no-such-tool-here',
    exitCode: 69,
  })
})

/** Nobody tells when a process that nobody owns has done its work. */
async function untilThere(path: string): Promise<string> {
  for (;;) {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      await setTimeout(50)
    }
  }
}
