// A guest that speaks the wire badly on purpose, on both ports, in place of the daemon. It has no code of ours in it.
// Runs in the guest, and is not compiled: node hostile.mjs SEED PHASE_MS, until it is killed. Each phase comes once in
// order, then any by chance; each is told on standard output.

import { setTimeout as pass } from 'node:timers/promises'
import { Calling, Serving } from './ends.mjs'
import { answerPhases } from './phases-answers.mjs'
import { bytePhases } from './phases-bytes.mjs'
import { callPhases } from './phases-calls.mjs'
import { classicPhases } from './phases-classic.mjs'
import { sessionPhases } from './phases-sessions.mjs'
import { Port } from './port.mjs'
import { Random } from './random.mjs'

const phases = { ...bytePhases, ...sessionPhases, ...callPhases, ...answerPhases, ...classicPhases }
const [seed, phaseMs] = process.argv.slice(2).map(Number)
const random = new Random(seed)
const calling = new Calling(new Port('negotiator-guest-to-host.0'))
const serving = new Serving(new Port('negotiator-host-to-guest.0'))
const ends = [calling, serving]

console.log(`hostile: seed ${seed}, ${Object.keys(phases).length} phases`)
for (const name of Object.keys(phases)) await play(name)
console.log('hostile: every phase was played')
for (;;) await play(random.pick(Object.keys(phases)))

async function play(name) {
  const endMs = performance.now() + phaseMs
  const isOver = () => performance.now() >= endMs
  const before = volume()
  for (const end of ends) {
    end.isOver = isOver
    end.port.until(isOver)
  }
  /** Does something with each of these ends until time is over; one does not wait for the other. */
  const repeat = async (wanted, action) => {
    const one = async (end) => {
      while (!isOver()) await action(end)
    }
    await Promise.all(wanted.map(one))
  }
  await phases[name]({ random, calling, serving, ends, repeat, pass })
  const after = volume()
  console.log(
    `hostile: phase ${name} wrote ${after.written - before.written} KiB, read ${after.read - before.read} KiB`,
  )
}

function volume() {
  const sum = (what) => Math.round(ends.reduce((total, { port }) => total + port[what], 0) / 1024)
  return { written: sum('writtenBytes'), read: sum('readBytes') }
}
