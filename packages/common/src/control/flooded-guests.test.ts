import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'tap'
import type { Test } from 'tap'
import { testDaemons } from '../terminal/test-daemons.js'
import { writeCommand } from '../test-folder.js'

/** What a hostile program does with its connections; `opening` makes a session and gives a client. */
const floods = {
  'connecting again and again': `
    const again = () => net.connect(path).on('error', () => {}).on('close', again).resume()
    for (let count = 0; count < 100; count += 1) again()`,
  'pings by the thousand': `
    for (let count = 0; count < 60; count += 1) {
      const { endpoint } = await open()
      const more = () => {
        for (let ping = 0; ping < 500; ping += 1) void endpoint.session?.ping()
        setImmediate(more)
      }
      more()
    }`,
  'lists that it never reads': `
    for (let count = 0; count < 20; count += 1) {
      const { client, channel } = await open()
      for (let call = 0; call < 500; call += 1) client.status().catch(() => {})
    }
    setTimeout(() => process.kill(process.pid, 'SIGSTOP'), 200)`,
}

/** Starts a process of its own that floods the control socket, and waits until it is at it. */
async function flood(t: Test, { path, script }: { path: string; script: string }): Promise<void> {
  const resolve = (file: string): string => JSON.stringify(import.meta.resolve(file))
  const program = `
    import net from 'node:net'
    import { systemClock } from ${resolve('../clock.js')}
    import { silentLog } from ${resolve('../log.js')}
    import { localHello } from ${resolve('../agent/local-hello.js')}
    import { connectSocket } from ${resolve('../channel/socket-channel.js')}
    import { newCounters } from ${resolve('../session/counters.js')}
    import { Endpoint } from ${resolve('../session/endpoint.js')}
    import { Client } from ${resolve('./client.js')}
    const path = ${JSON.stringify(path)}
    const hello = await localHello('program')
    const open = async () => {
      const channel = await connectSocket({ path })
      const client = await Client.connect({ path, hello })
      const endpoint = await new Promise((resolve) => {
        const endpoint = new Endpoint({ channel, hello, role: 'caller', clock: systemClock, log: silentLog,
          counters: newCounters(), heartbeat: { intervalMs: 5000, deadMs: 15000 },
          listener: { session: () => resolve(endpoint), call() {}, sessionEnded() {}, refused() {}, closed() {} } })
        endpoint.start()
      })
      return { channel, client, endpoint }
    }
    console.log('flooding')
    ${script}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
}

for (const [name, script] of Object.entries(floods)) {
  test(`the host calls its guest while a local program floods the control socket: ${name}`, async (t) => {
    const { guest, toGuest, path } = await testDaemons(t)
    writeCommand({ folder: guest.folder, name: 'hello', script: 'echo hello' })
    const beganBytes = process.memoryUsage.rss()
    await flood(t, { path, script })
    const untilMs = performance.now() + 1_500
    while (performance.now() < untilMs) {
      const roundTripMs = await toGuest.ping()
      t.ok(roundTripMs !== undefined)
      await new Promise<void>((resolve) => setTimeout(resolve, 5))
    }
    t.ok(process.memoryUsage.rss() - beganBytes < 200 * 1024 * 1024, 'memory is bounded')
  })
}
