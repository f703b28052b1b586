/**
 * Every finding stays mended, and a short run of each target finds no other. `pnpm fuzz` runs them for longer.
 */
import { test } from 'tap'
import { corpusOf } from './corpus.js'
import { brokenBy, fuzz } from './fuzz.js'
import { targets } from './targets.js'

/** So many runs of all targets take a few seconds. */
const runCountMax = 400

const wanted = process.env['TEST_SEED']
const seed = wanted === undefined ? Math.floor(Math.random() * 0x8000_0000) : Number(wanted)

for (const target of targets) {
  test(`${target.name} ${target.promise}`, async (t) => {
    t.comment(`seed ${seed}: run again with TEST_SEED=${seed}`)
    const corpus = corpusOf(target)
    t.ok(corpus.length > 0, 'it has seeds')
    for (const { path, bytes } of corpus) t.equal((await brokenBy(target, bytes))?.stack, undefined, path)
    const { findings, runCount } = await fuzz(target, { seed, goOn: (count) => count < runCountMax })
    t.ok(runCount >= runCountMax || findings.length > 0)
    for (const { input, error } of findings) {
      t.fail(`${error.stack}\n${JSON.stringify(input.toString('latin1'))}`)
    }
  })
}
