/**
 * The daemon's metrics, and what they cost while nobody asks for them.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import { testFolder } from '@negotiator/common/testing'

const childTimeoutMs = 20_000

/** Starts a daemon in a process of its own, which then must end by itself. @returns what it says */
async function inDaemon(
  root: string,
  { listen, script }: { listen: string; script: string },
): Promise<string> {
  const program = `
    import { createRequire } from 'node:module'
    import { get } from 'node:http'
    import { loadConfig, silentLog, systemClock } from ${JSON.stringify(import.meta.resolve('@negotiator/common'))}
    import { startGuestDaemon } from ${JSON.stringify(new URL('daemon.js', import.meta.url).href)}
    const [root, listen] = process.argv.slice(1)
    const config = { ...(await loadConfig({ side: 'guest', root })), 'metrics-listen': listen }
    const devices = { sysfs: root + '/no-ports', dev: root }
    const daemon = await startGuestDaemon({ config, devices, shipped: { commandFolders: [] }, clock: systemClock, log: silentLog })
    ${script}
    await daemon.close()`
  const args = ['--input-type=module', '-e', program, root, listen]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: childTimeoutMs })
  return stdout
}

const isLoaded = `
    const { _cache: cache } = createRequire('/')('node:module')
    console.log(Object.keys(cache).some((path) => path.includes('/prom-client/')))`

test('prom-client is loaded by a daemon with "metrics-listen", and by no other', async (t) => {
  const root = testFolder(t)
  t.equal(await inDaemon(root, { listen: '', script: isLoaded }), 'false\n')
  t.equal(await inDaemon(root, { listen: `unix:${join(root, 'm.sock')}`, script: isLoaded }), 'true\n')
})

test("a guest's daemon tells of its host, and ends although it was scraped", async (t) => {
  const root = testFolder(t)
  const socketPath = join(root, 'm.sock')
  const script = `
    await new Promise((done) => get({ socketPath: ${JSON.stringify(socketPath)}, path: '/metrics' }, async (response) => {
      for await (const chunk of response) process.stdout.write(chunk)
      done()
    }))`
  const told = await inDaemon(root, { listen: `unix:${socketPath}`, script })
  t.match(told, /^negotiator_peer_up\{peer="host"\} 0$/m)
  t.match(told, /^negotiator_build_info\{side="guest",version="[^"]+"\} 1$/m)
  t.notMatch(told, /negotiator_driver/)
})
