import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createConnection } from 'node:net'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { loadConfig, silentLog, systemClock } from '@negotiator/common'
import type { MountSettings } from '@negotiator/common'
import { testFolder, testShippedPolicy, writeCommand } from '@negotiator/common/testing'
import { startGuestDaemon } from './daemon.js'
import { connect } from './index.js'

const channel = 'com.eayun.eayunstack.0'
const appmonitor: MountSettings = { dialect: 'appmonitor', exchange: 'lines', channel }

/** Starts a guest's daemon with these dialects. @returns its folders */
async function start(
  t: Test,
  dialects: readonly MountSettings[],
): Promise<{ root: string; channels: string; commands: string }> {
  const root = testFolder(t)
  const [channels, commands] = [join(root, 'channels'), join(root, 'commands')]
  for (const folder of [channels, commands]) mkdirSync(folder, { mode: 0o755 })
  const defaults = await loadConfig({ side: 'guest', root })
  const daemon = await startGuestDaemon({
    config: { ...defaults, 'channel-folder': channels, dialects },
    devices: { sysfs: join(root, 'no-ports'), dev: root },
    shipped: { commandFolders: [commands], policyFile: testShippedPolicy(t, 'guest') },
    clock: systemClock,
    log: silentLog,
  })
  t.teardown(async () => await daemon.close())
  return { root, channels, commands }
}

/** Sends a line on a new connection. @returns the answer, and the connection */
async function ask(
  t: Test,
  { path, line }: { path: string; line: string },
): Promise<readonly [string, Socket]> {
  const socket = createConnection({ path })
  t.teardown(() => socket.destroy())
  socket.write(line)
  let heard = ''
  while (!heard.endsWith('\n\n\r')) heard += String((await once(socket, 'data'))[0])
  return [heard, socket]
}

test('a dialect on a channel of its own calls commands as the host, one connection after the other', async (t) => {
  const { root, channels, commands } = await start(t, [appmonitor])
  writeCommand({ folder: commands, name: 'who', script: 'echo "$NEGOTIATOR_CALLER $NEGOTIATOR_CALLER_KIND"' })
  const path = join(channels, `${channel}.sock`)
  const line = '{"operation":"execute_script","path":"/root/who","type":"sh"}\n\r'
  const client = await connect({ root })
  t.teardown(() => client.close())
  for (let round = 0; round < 3; round += 1) {
    const [answer, socket] = await ask(t, { path, line })
    t.equal(answer, '{"operation": "execute_script", "result": "host host"}\n\n\r')
    const place = { dialect: 'appmonitor', exchange: 'lines', place: channel }
    t.match(await client.status(), { dialects: [{ ...place, state: 'connected', callsUnderWay: 0 }] })
    socket.destroy()
  }
})

test('a dialect that cannot be loaded is told by the status, and everything else goes on', async (t) => {
  const dialect = join(testFolder(t), 'absent.mjs')
  const { root, channels } = await start(t, [
    { ...appmonitor, dialect },
    { ...appmonitor, channel: 'other.0' },
  ])
  const [answer] = await ask(t, { path: join(channels, 'other.0.sock'), line: '{"operation":"echo"}\n' })
  t.equal(answer, '{"operation": "echo"}\n\n\r')
  const client = await connect({ root })
  t.teardown(() => client.close())
  const problem = `Cannot load the dialect "${dialect}": there is no such file`
  t.match(await client.status(), {
    dialects: [{ dialect, state: 'waiting', problem }, { state: 'connected' }],
  })
})
