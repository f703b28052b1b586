import { test } from 'tap'
import { processTerminal } from './process-terminal.js'

test("processTerminal is the process's own streams", (t) => {
  t.equal(processTerminal.stdin, process.stdin)
  t.equal(processTerminal.stdout, process.stdout)
  t.equal(processTerminal.stderr, process.stderr)
  t.end()
})

test('processTerminal tells each Ctrl-C until it is told to stop', (t) => {
  const before = process.listenerCount('SIGINT')
  let interrupts = 0
  const stop = processTerminal.onInterrupt(() => (interrupts += 1))
  process.emit('SIGINT')
  process.emit('SIGINT')
  t.equal(interrupts, 2)
  stop()
  t.equal(process.listenerCount('SIGINT'), before)
  t.end()
})
