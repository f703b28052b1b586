import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { testFolder } from '@negotiator/common/testing'
import { holderOf } from './port-holder.js'

test('holderOf() names the process that has a device open', async (t) => {
  const device = join(testFolder(t), 'vport0p1')
  writeFileSync(device, '')
  const holder = spawn('/bin/sh', ['-c', 'exec 9<>"$0"; echo open; read -r _', device], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.teardown(() => holder.kill('SIGKILL'))
  await once(holder.stdout, 'data')
  t.equal(await holderOf(device), `sh (process ${String(holder.pid)})`)
  const ended = once(holder, 'exit')
  holder.stdin.end()
  await ended
  t.equal(await holderOf(device), undefined)
})

test('holderOf() does not name ourselves', async (t) => {
  const device = join(testFolder(t), 'vport0p1')
  const descriptor = openSync(device, 'w')
  t.teardown(() => closeSync(descriptor))
  t.equal(await holderOf(device), undefined)
})

test('holderOf() passes over what it may not look at, and processes without a name', async (t) => {
  const proc = testFolder(t)
  mkdirSync(join(proc, '10'))
  mkdirSync(join(proc, '11', 'fd'), { recursive: true })
  mkdirSync(join(proc, 'not-a-process', 'fd'), { recursive: true })
  symlinkSync('/dev/vport0p1', join(proc, 'not-a-process', 'fd', '3'))
  t.equal(await holderOf('/dev/vport0p1', proc), undefined)
  symlinkSync('/dev/vport0p1', join(proc, '11', 'fd', '3'))
  t.equal(await holderOf('/dev/vport0p1', proc), 'a process (process 11)')
})
