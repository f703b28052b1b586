/**
 * Two guests at once, found among the running QEMU processes: the trouble of one is not the other's.
 */
import { test } from 'tap'
import { setStage } from './machine/story.js'
import { allScripts } from './scripts.js'

test('two guests of one host, found by the qemu driver', { timeout: 600_000 }, async (t) => {
  const { host, client, guest } = await setStage(t, {
    guests: ['pair-1', 'pair-2'],
    guestCommands: allScripts,
    // Other machines may run beside ours; they are not ours to call.
    drivers: ['qemu:pair-*'],
    hostConfig: ['heartbeat-interval-seconds = 2', 'heartbeat-dead-seconds = 8'],
  })
  const say = async (target: string): Promise<string> =>
    (await client.run({ target, command: 'print-arguments', args: [target] })).stdout.toString()

  await t.test('both are listed with their own uuids, and either can be called by it', async (t) => {
    const listed = JSON.parse((await host.cli(['guests', '--json'])).stdout) as {
      name: string
      uuid: string
      state: string
    }[]
    for (const name of ['pair-1', 'pair-2']) {
      t.match(
        listed.find((peer) => peer.name === name),
        { state: 'ready', uuid: guest(name).uuid },
      )
    }
    t.equal((await host.cli(['run', guest('pair-2').uuid, 'print-arguments', 'x'])).stdout, '[x]')
  })

  await t.test('both answer at once', async (t) => {
    t.strictSame(await Promise.all([say('pair-1'), say('pair-2')]), ['[pair-1]', '[pair-2]'])
  })

  await t.test('a command on the host knows which of them calls', async (t) => {
    const names = await Promise.all(
      ['pair-1', 'pair-2'].map(
        async (name) => (await guest(name).console.run('negotiator-guest run guest-name')).stdout,
      ),
    )
    t.strictSame(names, ['pair-1\n', 'pair-2\n'])
  })

  await t.test('one stands still with a call in it, the other goes on', async (t) => {
    const call = client.call({ target: 'pair-2', command: 'note', args: ['/tmp/paused', 'executed', '60'] })
    call.stderr.resume()
    await new Promise<void>((resolve) => call.stdout.once('data', () => resolve()))
    await guest('pair-2').pause()
    t.equal(await say('pair-1'), '[pair-1]')
    t.match(await call.result, { kind: 'lost', reason: /silent/ })
    t.equal(await say('pair-1'), '[pair-1]')
    await guest('pair-2').resume()
    await client.wait('pair-2', { timeoutMs: 60_000 })
    t.equal(await say('pair-2'), '[pair-2]')
  })

  await t.test('one is switched off in the middle of a call, the other goes on', async (t) => {
    const call = client.call({ target: 'pair-2', command: 'note', args: ['/tmp/off', 'executed', '60'] })
    call.stderr.resume()
    await new Promise<void>((resolve) => call.stdout.once('data', () => resolve()))
    await guest('pair-2').kill()
    t.match(await call.result, { kind: 'lost' })
    t.equal(await say('pair-1'), '[pair-1]')
    for await (const peers of client.watchPeers()) if (!peers.some(({ name }) => name === 'pair-2')) break
    t.equal((await host.cli(['run', 'pair-2', 'copy'])).status, 125)
  })
})
