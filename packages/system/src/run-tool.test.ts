import { test } from 'tap'
import { runTool } from './run-tool.js'

const { signal } = new AbortController()

test('runTool() gives the status and both outputs apart', async (t) => {
  const script = 'cat; echo "$0 $#" >&2; exit 3'
  const ran = await runTool('sh', ['-c', script, 'two words', ''], { input: 'größe\n', signal })
  t.same(ran, { exitCode: 3, stdout: 'größe\n', stderr: 'two words 1\n' })
})

test('runTool() gives nothing for a tool that is not there', async (t) => {
  t.equal(await runTool('no-such-tool-here', [], { signal }), undefined)
})

test('runTool() gives an environment of its own', async (t) => {
  const { stdout = '' } = (await runTool('env', [], { signal, environment: { TZ: 'UTC' } })) ?? {}
  const names = stdout.split('\n').map((line) => line.split('=')[0])
  t.same(new Set(names.filter((name) => name !== '')), new Set(['HOME', 'LC_ALL', 'PATH', 'TZ']))
  t.match(stdout, 'LC_ALL=C.UTF-8')
})

test('runTool() ends what takes too long, and does not mind unread input', async (t) => {
  const slow = await runTool('sh', ['-c', 'echo begun; exec sleep 60'], { signal, timeoutMs: 200 })
  t.match(slow, { exitCode: undefined })
  const input = 'x'.repeat(1_000_000)
  t.match(await runTool('true', [], { input, signal }), { exitCode: 0 })
})

test('runTool() ends with its call', async (t) => {
  const controller = new AbortController()
  const running = runTool('sleep', ['60'], { signal: controller.signal })
  controller.abort()
  await t.rejects(running, { message: 'Cannot run "sleep": The operation was aborted' })
})
