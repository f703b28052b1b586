import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { test } from 'tap'
import { testJudge, testRule } from '../../call/test-judge.js'
import { testFolder, writeCommand } from '../../test-folder.js'
import { mountStage } from './test-mounts.js'

const getMemory = '{"operation":"get_infomation","name":"available_ram"}\n\r'
const execute = (cmd: string): string => `${JSON.stringify({ operation: 'execute_command', cmd })}\n\r`

/** Waits for what no event tells of. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setTimeout(5)
}

test('Mount runs commands by way of policy, registry and audit', async (t) => {
  const judge = testJudge(({ command }) =>
    command === 'appmonitor-shell'
      ? { kind: 'deny', rule: testRule({}, 'deny'), reason: 'no shell here' }
      : { kind: 'allow', rule: testRule() },
  )
  const { folder, audit, attach, mount } = await mountStage(t, { judge })
  writeCommand({
    folder,
    name: 'memory',
    script: 'echo "{\\"freeBytes\\":2097152,\\"buffersBytes\\":0,\\"cachedBytes\\":0}"',
  })
  writeCommand({ folder, name: 'appmonitor-shell', script: 'exec /bin/sh' })
  const peer = attach()
  const answers = await peer.ask(`${getMemory}${execute('id')}{"operation":"nosuch"}\n\r`, /0r0"/)
  t.same(answers.split('\n\n\r'), [
    '{"operation": "get_infomation", "result": "2"}',
    '{"operation": "execute_command", "result": "0e0r0r0o0r1"}',
    '{"operation": "nosuch", "result": "0e0r0r0o0r0"}',
    '',
  ])
  t.match(audit.records, [
    {
      command: 'memory',
      caller: { name: 'host' },
      via: 'appmonitor',
      direction: 'in',
      result: { kind: 'exited' },
    },
    { command: 'appmonitor-shell', caller: { name: 'host' }, via: 'appmonitor', result: { kind: 'denied' } },
  ])
  t.equal(audit.records.length, 2)
  t.match(mount.status, {
    dialect: 'appmonitor',
    exchange: 'lines',
    place: 'com.eayun.eayunstack.0',
    state: 'connected',
    callsUnderWay: 0,
    problem: undefined,
  })
})

test('Mount serves whoever comes next, who gets no answer to what was asked before', async (t) => {
  const { folder, attach, mount } = await mountStage(t)
  const [started, ended] = [join(folder, '.started'), join(folder, '.ended')]
  const script = `touch ${started}; until [ -e ${folder}/.go ]; do sleep 0.02; done; echo old; touch ${ended}`
  writeCommand({ folder, name: 'appmonitor-shell', script })
  const first = attach()
  first.channel.write(Buffer.from(execute('x')))
  await until(() => existsSync(started))
  first.channel.close()
  await until(() => mount.status.state === 'waiting')
  t.equal(mount.status.callsUnderWay, 1, 'what was begun goes on')
  const second = attach()
  await second.ask('{"operation":"echo"}\n\r', /echo/)
  writeCommand({ folder, name: '.go', script: '' })
  await until(() => existsSync(ended))
  await until(() => mount.status.callsUnderWay === 0)
  t.equal(
    await second.ask('{"operation":"echo","n":2}\n\r', /"n"/),
    '{"operation": "echo"}\n\n\r{"operation": "echo", "n": 2}\n\n\r',
  )
})

test('Mount answers whoever comes next what was asked at the very end of the channel before', async (t) => {
  const { folder, attach, audit } = await mountStage(t)
  writeCommand({ folder, name: 'appmonitor-shell', script: 'cat' })
  const first = attach()
  first.channel.write(Buffer.from(execute('early')))
  first.channel.close()
  t.equal(await attach().ask('', /\r/), '{"operation": "execute_command", "result": "early"}\n\n\r')
  t.equal(audit.records.length, 1, 'it was done once')
})

test('close() ends the calls, and lets go of the channel', async (t) => {
  const { folder, attach, audit, mount } = await mountStage(t)
  writeCommand({ folder, name: 'appmonitor-shell', script: `touch ${folder}/.started; exec sleep 1000` })
  const peer = attach()
  peer.channel.write(Buffer.from(execute('x')))
  await until(() => existsSync(join(folder, '.started')))
  await mount.close()
  await peer.end.until(() => peer.end.closedCount > 0)
  await until(() => audit.records.length > 0)
  t.match(audit.records, [{ result: { kind: 'lost' } }])
  t.equal(mount.status.state, 'waiting')
})

test('Mount lets go of a channel when its dialect cannot begin', async (t) => {
  const dialect = join(testFolder(t), 'x.mjs')
  const text = 'export const openDialect = () => ({ name: "x", start() { throw new Error("not today") } })'
  writeFileSync(dialect, text, { mode: 0o644 })
  const { attach, mount } = await mountStage(t, { dialect })
  const peer = attach()
  await peer.end.until(() => peer.end.closedCount > 0)
  await until(() => mount.status.problem !== undefined)
  t.match(mount.status, { state: 'waiting', problem: 'not today' })
})

test('close() does not wait for a peer', async (t) => {
  const { mount } = await mountStage(t)
  t.match(mount.status, { state: 'waiting', problem: undefined })
  await mount.close()
})
