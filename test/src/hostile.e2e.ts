/**
 * A guest that speaks the wire badly on purpose, on both its channels, beside one that does not: nothing of it is the
 * other's trouble, nothing that it says of itself is believed, and when our daemon comes back it is a guest like any other.
 * How fast the honest guest's calls are meanwhile is told, not asked: this machine may be busy. `pnpm hostile` asks.
 */
import { testSeed } from '@negotiator/common/testing'
import { test } from 'tap'
import { onStage } from './hostile/stage.js'
import { reportRows, reportTable, residentMibBound } from './hostile/report.js'
import { recover, runHostile } from './hostile/run-hostile.js'

const phaseMs = 1000
const idleMs = 5000
/** So many lines a second of one guest may pass into the log, and a burst at the beginning. */
const linesPerS = 2
const linesBurst = 200

interface StatusPeer {
  readonly name: string
  readonly counters: Readonly<Record<'caller' | 'server', Readonly<Record<string, number>>>>
}

test('a hostile guest beside an honest one', { timeout: 600_000 }, async (t) => {
  const seed = testSeed(t)
  await onStage(
    (line) => t.comment(line),
    async (stage) => {
      const report = await runHostile(stage, {
        seed,
        phaseMs,
        idleMs,
        hostileMs: 0,
        say: (line) => t.comment(line),
      })
      t.comment(reportTable(reportRows(report)))

      await t.test('all calls of the honest guest, both ways, gave what they should', async (t) => {
        for (const calls of [report.idle, report.beside].flatMap(({ toGuest, toHost }) => [
          toGuest,
          toHost,
        ])) {
          t.ok(calls.times.length > 0)
          t.same(calls.wrong, [])
        }
      })

      await t.test(
        "the host's daemon keeps its memory within bounds, and nothing is left behind",
        async (t) => {
          t.ok(report.residentMibMax <= residentMibBound, `${report.residentMibMax} MiB`)
          t.same(report.holdingsAfter, report.holdingsBefore)
        },
      )

      await t.test('status tells what the hostile guest did', async (t) => {
        const { peers } = JSON.parse(report.status) as { peers: readonly StatusPeer[] }
        const [honest, hostile] = ['honest', 'hostile'].map((name) =>
          peers.find((peer) => peer.name === name),
        )
        for (const field of ['garbageBytes', 'strayFrames', 'protocolErrors'])
          for (const role of ['caller', 'server'] as const)
            t.ok((hostile?.counters[role][field] ?? 0) > 0, `${role} ${field}`)
        t.equal(honest?.counters.server['protocolErrors'], 0)
        t.equal(honest?.counters.caller['protocolErrors'], 0)
      })

      await t.test('no forged name passes for an identity, and no control character for text', async (t) => {
        const names = report.guests.split('\n').flatMap((line) => line.split(' ')[0] ?? [])
        t.same(names, ['NAME', 'honest', 'hostile', ''])
        for (const text of [report.guests, report.logLines.join('\n')]) t.notMatch(text, unsafe)
      })

      await t.test('the audit log has its calls, under its own name and no other', async (t) => {
        const callers = new Set<unknown>()
        for (const line of report.auditLines) {
          if (unsafe.test(line)) t.fail(line)
          callers.add((JSON.parse(line) as { readonly caller: unknown }).caller)
        }
        t.same(
          [...callers]
            .filter((caller) => !String(caller).startsWith('user:'))
            .map(String)
            .toSorted(),
          ['honest', 'hostile'],
        )
      })

      await t.test('the log has a few lines a second of it', async (t) => {
        t.ok(
          report.logLines.length <= linesBurst + linesPerS * report.hostileSeconds,
          `${report.logLines.length}`,
        )
      })

      await t.test('with our daemon in it again the hostile guest can be called', async (t) => {
        t.equal(await recover(stage), '[recovered]')
      })
    },
  )
})

/** What a terminal would act on: control characters but newlines, and what turns the direction of writing. */
const unsafe = /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u
