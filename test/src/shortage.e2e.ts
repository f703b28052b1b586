/**
 * A guest that runs short: of processes, of descriptors, of disk, of a clock that can be relied on. Each call gets one clear
 * result meanwhile, and afterwards all is well again without anybody's help.
 */
import { test } from 'tap'
import type { Test } from 'tap'
import type { CallTarget, Client } from '@negotiator/host'
import { setStage } from './machine/story.js'
import { note, printArguments } from './scripts.js'

const hello = { target: 'web1', command: 'print-arguments', args: ['hello'] }

test('a guest that runs short', { timeout: 600_000 }, async (t) => {
  const { client, guest } = await setStage(t, { guests: ['web1'], guestCommands: [printArguments, note] })
  const { console } = guest('web1')

  await t.test(
    'without room for another process each call says so, and they run once there is',
    async (t) => {
      await console.run(
        `mount -t cgroup2 none /sys/fs/cgroup && cd /sys/fs/cgroup && echo +pids > cgroup.subtree_control && mkdir full &&
      cat /run/negotiator-guest.pid > full/cgroup.procs && cat full/pids.current > full/pids.max`,
      )
      for (const result of await Promise.all(Array.from({ length: 20 }, async () => await client.run(hello))))
        t.match(result, {
          kind: 'failed-to-start',
          reason: 'the machine has no room for another process',
        })
      await console.run('echo max > /sys/fs/cgroup/full/pids.max')
      await answers(t, client)
    },
  )

  await t.test('without descriptors some calls say so, the others run', async (t) => {
    await console.run(setDescriptorsMax(64))
    const call = { target: 'web1', command: 'note', args: ['/tmp/noted', 'x', '2'] }
    const results = await Promise.all(Array.from({ length: 60 }, async () => await client.run(call)))
    const ran = results.filter((result) => result.kind === 'exited' && result.code === 0)
    const refused = results.filter(({ kind }) => kind === 'failed-to-start')
    t.equal(ran.length + refused.length, results.length)
    t.ok(ran.length > 0 && refused.length > 0, `${ran.length} ran`)
    for (const result of refused) t.match(result, { reason: 'the daemon has too many files open' })
    const { stdout } = await console.run('wc -l < /tmp/noted')
    t.equal(Number(stdout), ran.length, 'what was refused was not run')
    await answers(t, client)
  })

  await t.test('without disk for its audit log calls go on, and what is lost is counted', async (t) => {
    await console.run(
      `mount -t tmpfs -o size=64k none /var/log/negotiator && kill -HUP $(cat /run/negotiator-guest.pid)
      cat /dev/zero > /var/log/negotiator/fill 2> /dev/null`,
    )
    await answers(t, client)
    t.match(await auditState(), { problem: /no space|ENOSPC/i })
    await console.run('rm /var/log/negotiator/fill')
    await answers(t, client)
    t.match(await auditState(), { problem: undefined })
    const { stdout } = await console.run('cat /var/log/negotiator/guest-audit.log')
    t.match(stdout, /"command":"print-arguments"/)
  })

  await t.test('a clock that is set ends no call too early and none too late', async (t) => {
    const noteFor = (seconds: number): CallTarget => ({
      target: 'web1',
      command: 'note',
      args: ['/tmp/clock', 'x', String(seconds)],
    })
    const long = client.call(noteFor(4), { timeoutMs: 60_000 })
    const short = client.call(noteFor(60), { timeoutMs: 5_000 })
    for (const { stdout, stderr } of [long, short]) {
      stdout.resume()
      stderr.resume()
    }
    await console.run(
      'now=$(date +%s); date -s @$((now + 31536000)); sleep 1; date -s @$((now - 31536000)); date -s @$now',
    )
    t.match(await long.result, { kind: 'exited', code: 0 })
    t.match(await short.result, { kind: 'timed-out' })
    await answers(t, client)
  })

  async function auditState(): Promise<unknown> {
    const { stdout } = await console.run('negotiator-guest status')
    return (JSON.parse(stdout) as { readonly audit: unknown }).audit
  }
})

async function answers(t: Test, client: Client): Promise<void> {
  t.match(await client.run(hello), { kind: 'exited', code: 0, stdout: Buffer.from('[hello]') })
}

/** Sets how many descriptors the guest's daemon may have; the guest has no program for that, but koffi. @see prlimit(2) */
function setDescriptorsMax(count: number): string {
  const program = `
    const koffi = require("/opt/negotiator/node_modules/koffi")
    const prlimit = koffi.load(null).func("int prlimit(int pid, int resource, const uint64_t *limits, void *old)")
    const nofile = 7
    process.exitCode = prlimit(Number(process.argv[1]), nofile, [${count}, ${count}], null)`
  return `node -e '${program}' $(cat /run/negotiator-guest.pid)`
}
