/**
 * `pnpm bench --profile`: where the time of a ping, and of a script's run, goes in the guest's daemon.
 *
 * The daemon in the guest is started again under `node --cpu-prof`, once for each kind of call.
 */
import { gunzipSync } from 'node:zlib'
import { runScript } from '../measure-runs.js'
import { guestName, onStage } from '../stage.js'
import type { Stage } from '../stage.js'
import { markdownTable, number } from '../table.js'
import { selfTimes } from './self-times.js'
import type { CpuProfile, SelfTime } from './self-times.js'

/** What one kind of call took, a call. */
export interface Profile {
  readonly title: string
  readonly callCount: number
  /** Milliseconds of all calls, one after the other. */
  readonly allMs: number
  readonly times: readonly SelfTime[]
}

interface ProfileOptions {
  readonly isQuick: boolean
  readonly say: (line: string) => void
}

interface Kind {
  readonly title: string
  readonly counts: { readonly warmUp: number; readonly full: number; readonly quick: number }
  readonly call: (stage: Stage) => Promise<unknown>
}

const kinds: readonly Kind[] = [
  {
    title: 'ping',
    counts: { warmUp: 4000, full: 4000, quick: 100 },
    call: async ({ client }) => await client.ping(guestName),
  },
  {
    title: 'run of the script',
    counts: { warmUp: 100, full: 200, quick: 5 },
    call: async ({ client }) => await runScript(client, ''),
  },
]

const profilesFolder = '/run/profiles'
const hold = '/run/negotiator-guest.hold'
const idFile = '/run/negotiator-guest.pid'
const start = `node --cpu-prof --cpu-prof-interval 1000 --cpu-prof-dir ${profilesFolder} /opt/negotiator/bundle/main.js daemon`
/** Ends the daemon and waits until it has, for it writes its profile last. */
const stop = `id=$(cat ${idFile}); kill $id; while [ -e /proc/$id ]; do sleep 0.1; done`

/** Profiles each kind of call. */
export async function runProfile({ isQuick, say }: ProfileOptions): Promise<readonly Profile[]> {
  say('Booting a machine ...')
  return await onStage(say, async (stage) => {
    await stage.vm.console.run(`touch ${hold}; ${stop}`)
    const profiles: Profile[] = []
    for (const kind of kinds) {
      say(`Profiling: ${kind.title} ...`)
      profiles.push(await profileKind(stage, { kind, isQuick }))
    }
    return profiles
  })
}

async function profileKind(
  stage: Stage,
  { kind: { title, counts, call }, isQuick }: { kind: Kind; isQuick: boolean },
): Promise<Profile> {
  const callCount = isQuick ? counts.quick : counts.full
  const { console } = stage.vm
  await console.run(`rm -rf ${profilesFolder}; ${start} < /dev/null > /dev/null 2>&1 & echo $! > ${idFile}`)
  await stage.client.wait(guestName, { timeoutMs: 120_000 })
  for (let warmUp = 0; warmUp < (isQuick ? 0 : counts.warmUp); warmUp += 1) await call(stage)
  const startedMs = performance.now()
  for (let calls = 0; calls < callCount; calls += 1) await call(stage)
  const allMs = performance.now() - startedMs
  const { stdout } = await console.run(`${stop}; gzip -c ${profilesFolder}/* | base64`)
  const profile = JSON.parse(gunzipSync(Buffer.from(stdout, 'base64')).toString()) as CpuProfile
  return { title, callCount, allMs, times: selfTimes(profile, allMs) }
}

const rowsShown = 20

/** @returns a Markdown table for each kind */
export function profileTables(profiles: readonly Profile[]): string {
  return profiles
    .map(({ title, callCount, allMs, times }) => {
      const perCall = (ms: number): string => `${number((ms / callCount) * 1000)} us`
      const rows = times.slice(0, rowsShown).map((time) => [`\`${time.title}\``, perCall(time.ms)])
      const head = [`${title}: ${perCall(allMs)} each, ${callCount} in a row`, 'of it']
      return markdownTable(head, rows)
    })
    .join('\n\n')
}
