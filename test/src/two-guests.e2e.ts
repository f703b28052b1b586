/**
 * Two guests at once, found among the running QEMU processes: the trouble of one is not the other's.
 */
import { test } from 'tap'
import { setStage } from './machine/story.js'
import { allScripts } from './scripts.js'

test('two guests of one host, found by the qemu driver', { timeout: 600_000 }, async (t) => {
  const { host, client, guest } = await setStage(t, {
    guests: ['web1', 'web2'],
    guestCommands: allScripts,
    drivers: ['qemu'],
    hostConfig: ['heartbeat-interval-seconds = 2', 'heartbeat-dead-seconds = 8'],
  })
  const say = async (target: string): Promise<string> =>
    (await client.run({ target, command: 'print-arguments', args: [target] })).stdout.toString()

  await t.test('both are listed with their own uuids, and either can be called by it', async (t) => {
    const listed = JSON.parse((await host.cli(['guests', '--json'])).stdout) as { name: string; uuid: string; state: string }[]
    for (const name of ['web1', 'web2']) {
      t.match(listed.find((peer) => peer.name === name), { state: 'ready', uuid: guest(name).uuid })
    }
    t.equal((await host.cli(['run', guest('web2').uuid, 'print-arguments', 'x'])).stdout, '[x]')
  })

  await t.test('both answer at once', async (t) => {
    t.strictSame(await Promise.all([say('web1'), say('web2')]), ['[web1]', '[web2]'])
  })

  await t.test('a command on the host knows which of them calls', async (t) => {
    const names = await Promise.all(
      ['web1', 'web2'].map(async (name) => (await guest(name).console.run('negotiator-guest run guest-name')).stdout),
    )
    t.strictSame(names, ['web1\n', 'web2\n'])
  })

  await t.test('one stands still with a call in it, the other goes on', async (t) => {
    const call = client.call({ target: 'web2', command: 'note', args: ['/tmp/paused', 'executed', '60'] })
    call.stderr.resume()
    await new Promise<void>((resolve) => call.stdout.once('data', () => resolve()))
    await guest('web2').pause()
    t.equal(await say('web1'), '[web1]')
    t.match(await call.result, { kind: 'lost', reason: /silent/ })
    t.equal(await say('web1'), '[web1]')
    await guest('web2').resume()
    await client.wait('web2', { timeoutMs: 60_000 })
    t.equal(await say('web2'), '[web2]')
  })

  await t.test('one is switched off in the middle of a call, the other goes on', async (t) => {
    const call = client.call({ target: 'web2', command: 'note', args: ['/tmp/off', 'executed', '60'] })
    call.stderr.resume()
    await new Promise<void>((resolve) => call.stdout.once('data', () => resolve()))
    await guest('web2').kill()
    t.match(await call.result, { kind: 'lost' })
    t.equal(await say('web1'), '[web1]')
    for await (const peers of client.watchPeers()) if (!peers.some(({ name }) => name === 'web2')) break
    t.equal((await host.cli(['run', 'web2', 'copy'])).status, 125)
  })
})
