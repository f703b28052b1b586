/**
 * Calls that are ended from outside: whoever ends them, nothing of the command lives on.
 */
import { readFile } from 'node:fs/promises'
import { test } from 'tap'
import { setStage } from './machine/story.js'
import type { Vm } from './machine/vm.js'
import { allScripts } from './scripts.js'

test('calls that are ended from outside', { timeout: 600_000 }, async (t) => {
  const { host, client, guest } = await setStage(t, {
    guests: ['web1'],
    guestCommands: allScripts,
    hostCommands: allScripts,
  })
  const vm = guest('web1')

  await t.test('cancelling a call ends its children and grandchildren, too', async (t) => {
    const stop = new AbortController()
    const call = client.call(
      { target: 'web1', command: 'family', args: ['/tmp/cancelled'] },
      { signal: stop.signal },
    )
    call.stderr.resume()
    await firstLine(call.stdout)
    t.equal(await livingOf(vm, '/tmp/cancelled'), 3)
    stop.abort()
    t.match(await call.result, { kind: 'cancelled' })
    t.equal(await untilGone(vm, '/tmp/cancelled'), 'gone\n')
  })

  await t.test('Ctrl-C in a guest ends the command on the host', async (t) => {
    const file = `${host.root}/interrupted`
    const result = await vm.console.run(
      `negotiator-guest run family ${file} > /tmp/said & caller=$!
      until grep -q running /tmp/said; do sleep 0.1; done; kill -INT $caller; wait $caller`,
    )
    t.equal(result.status, 130)
    t.match(result.stderr, /cancelled/)
    t.equal(await livingHere(file), 0)
  })

  await t.test('the side that runs a command ends it when its time is over', async (t) => {
    const result = await host.cli(['run', '--timeout', '2', 'web1', 'family', '/tmp/late'])
    t.equal(result.status, 124)
    t.equal(result.stdout, 'running\n')
    t.match(result.stderr, /^family on web1: timed-out: the command was ended after (2|1\.\d) s\n$/)
    t.equal(await untilGone(vm, '/tmp/late'), 'gone\n')
  })

  await t.test('a signal reaches the command', async (t) => {
    const call = client.call({ target: 'web1', command: 'family', args: ['/tmp/signalled'] })
    call.stderr.resume()
    await firstLine(call.stdout)
    call.signal('SIGUSR1')
    t.match(await call.result, { kind: 'signalled', signal: 'SIGUSR1' })
    t.equal(await untilGone(vm, '/tmp/signalled'), 'gone\n')
  })

  await t.test('a caller that is killed takes its command with it', async (t) => {
    const cli = host.startCli(['run', 'web1', 'family', '/tmp/orphaned'])
    await firstLine(cli.stdout)
    cli.kill('SIGKILL')
    await cli.ended
    t.equal(await untilGone(vm, '/tmp/orphaned'), 'gone\n')
  })
})

async function firstLine(stream: NodeJS.ReadableStream): Promise<void> {
  await new Promise<void>((resolve) => stream.once('data', () => resolve()))
}

/** How many of the processes noted in a file of the guest live; one that has only to be reaped does not. */
async function livingOf(vm: Vm, file: string): Promise<number> {
  return Number((await vm.console.run(`${living(file)} | wc -l`)).stdout)
}

/** Waits until all of them are gone: a killed process must have its turn before it is. */
async function untilGone(vm: Vm, file: string): Promise<string> {
  const script = `until [ -z "$(${living(file)})" ]; do sleep 0.1; done; echo gone`
  return (await vm.console.run(script, { timeoutMs: 10_000 })).stdout
}

function living(file: string): string {
  return `for id in $(cat ${file}); do grep -qs '^State:[[:space:]]*[^ZX]' /proc/$id/status && echo $id; done`
}

async function livingHere(file: string): Promise<number> {
  const ids = (await readFile(file, 'utf8')).trim().split('\n')
  const states = await Promise.all(
    ids.map(async (id) => await readFile(`/proc/${id}/status`, 'utf8').catch(() => '')),
  )
  return states.filter((status) => /^State:\s*[^ZX\s]/m.test(status)).length
}
