// Builds what is missing and plays the demo. Usage: pnpm demo [--loopback] [--stay]

import { parseArgs } from 'node:util'
import { runProgram } from './workspace.mjs'

const { values } = parseArgs({ options: { loopback: { type: 'boolean' }, stay: { type: 'boolean' } } })

// Node reads the file of this variable at each start, which a demo of short programs would wait for.
delete process.env.NODE_EXTRA_CA_CERTS
console.log('Building ...')
if (await runProgram('turbo', ['run', 'build', '--output-logs=errors-only'])) {
  const { playDemo } = await import('../test/dist/demo/demo.js')
  try {
    await playDemo({ isLoopback: values.loopback === true, staysUp: values.stay === true })
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
} else {
  process.exitCode = 1
}
