/**
 * The daemon's metrics, scraped as Prometheus does.
 */
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { test } from 'tap'
import { loadConfig, silentLog, systemClock } from '@negotiator/common'
import { testFolder, testShippedPolicy } from '@negotiator/common/testing'
import { startHostDaemon } from './daemon.js'
import { TestGuest } from './guests/test-guest.js'
import { connect } from './index.js'

async function scrape(socketPath: string): Promise<string[]> {
  const asked = request({ socketPath, path: '/metrics', agent: false }).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return text.split('\n')
}

test('a daemon with "metrics-listen" offers its metrics on a UNIX socket', async (t) => {
  const root = testFolder(t)
  const [guests, shipped] = [join(root, 'guests'), join(root, 'shipped')]
  for (const folder of [guests, join(guests, 'web1'), shipped]) mkdirSync(folder, { mode: 0o755 })
  writeFileSync(join(shipped, 'who'), '#!/bin/sh\necho "$NEGOTIATOR_GUEST"\n')
  chmodSync(join(shipped, 'who'), 0o755)
  const guest = await TestGuest.start({ test: t, folder: join(guests, 'web1') })
  const socket = join(root, 'run/negotiator/metrics.sock')
  const daemon = await startHostDaemon({
    config: {
      ...(await loadConfig({ side: 'host', root })),
      drivers: [`folder:${guests}`],
      'metrics-listen': `unix:${socket}`,
    },
    shipped: { commandFolders: [shipped], policyFile: testShippedPolicy(t, 'host') },
    clock: systemClock,
    log: silentLog,
  })
  t.teardown(async () => await daemon.close())
  await guest.callHost('who')
  const host = await connect({ root })
  t.teardown(() => host.close())
  await host.wait('web1')
  const told = await scrape(socket)
  for (const line of [
    'negotiator_peer_up{peer="web1"} 1',
    'negotiator_peer_calls_total{peer="web1"} 1',
    'negotiator_calls_total{direction="in",result="exited"} 1',
    'negotiator_call_duration_seconds_count{stage="run"} 1',
    `negotiator_driver_guests{driver="folder:${guests}"} 1`,
  ])
    t.ok(told.includes(line), line)
  t.match(await host.status(), {
    metrics: { listen: `unix:${socket}` },
    calls: [{ direction: 'in', result: 'exited', count: 1 }],
  })
  await daemon.close()
  await t.rejects(scrape(socket), { code: 'ENOENT' })
})
