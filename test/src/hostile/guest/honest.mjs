// Runs in the honest guest: calls the host one call after another until it is told to stop, and checks each answer.
// node honest.mjs STOP_FILE; what it prints in the end is {"times": [milliseconds, ...], "wrong": [...]}. Not compiled.

import { existsSync } from 'node:fs'
import { setTimeout as pass } from 'node:timers/promises'
import { connect } from '/opt/negotiator/bundle/index.js'

const pauseMs = 50
const callsMin = 20
const [stopFile] = process.argv.slice(2)
const guest = await connect()
const times = []
const wrong = []
for (let number = 0; number < callsMin || !existsSync(stopFile); number += 1) {
  const startedMs = performance.now()
  const outcome = await guest.run({ target: 'host', command: 'print-arguments', args: [String(number)] })
  times.push(Math.round((performance.now() - startedMs) * 100) / 100)
  if (outcome.stdout.toString() !== `[${number}]`)
    wrong.push({ ...outcome, stdout: outcome.stdout.toString(), number })
  await pass(pauseMs)
}
guest.close()
console.log(JSON.stringify({ times, wrong }))
