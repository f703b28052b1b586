// Fuzzes every parser that reads from a peer or an administrator; docs/fuzzing.md tells how.
// Usage: pnpm fuzz [--seconds N] [--seed S] [TARGET...]
//        pnpm fuzz --replay FILE

import { readFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { root, runProgram } from './workspace.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string' }, seed: { type: 'string' }, replay: { type: 'string' } },
})
const seconds = Number(values.seconds ?? 10)
const seed = Number(values.seed ?? Math.floor(Math.random() * 0x8000_0000))

if (!(seconds > 0) || !Number.isSafeInteger(seed)) {
  console.error(`Cannot fuzz: --seconds ${values.seconds} or --seed ${values.seed} is no number above 0`)
  process.exitCode = 64
} else if (await runProgram('tsc', ['-b', 'test'])) {
  process.exitCode = values.replay === undefined ? await fuzz() : await replay(resolve(root, values.replay))
} else {
  process.exitCode = 1
}

async function fuzz() {
  const { targets } = await import('../test/dist/fuzz/targets.js')
  const { runFuzz } = await import('../test/dist/fuzz/run-fuzz.js')
  const unknown = positionals.filter((name) => !targets.some((target) => target.name === name))
  if (unknown.length > 0) {
    const known = targets.map(({ name }) => name).join(', ')
    console.error(`Cannot fuzz ${unknown.join(', ')}: there is no such target; the targets are ${known}`)
    return 64
  }
  const wanted = targets.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  return (await runFuzz({ targets: wanted, seconds, seed, say: console.log })) === 0 ? 0 : 1
}

async function replay(path) {
  const { targets } = await import('../test/dist/fuzz/targets.js')
  const { brokenBy } = await import('../test/dist/fuzz/fuzz.js')
  const target = targets.find(({ name }) => name === basename(dirname(path)))
  if (target === undefined) {
    console.error(`Cannot replay ${path}: its folder is not named for a target`)
    return 64
  }
  const error = await brokenBy(target, readFileSync(path))
  console.log(error === undefined ? `${target.name} ${target.promise}: it does` : error.stack)
  return error === undefined ? 0 : 1
}
