import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { testFolder } from '../test-folder.js'
import { nameOf, Processes } from './processes.js'
import { TestProcesses } from './test-processes.js'

test('Processes names who has a file open, and nobody once it is closed', async (t) => {
  const processes = new TestProcesses(t)
  const file = join(testFolder(t), 'vport0p1')
  writeFileSync(file, '')
  const holder = await processes.start(`exec 9<>${file}`)
  await processes.start('true')
  t.same((await processes.now.openersOf(file)).map(nameOf), [`sh (process ${holder.id})`])
  await holder.end()
  t.same(await processes.now.openersOf(file), [])
})

test('Processes tells user, groups, age, and who was stopped', async (t) => {
  const processes = new TestProcesses(t)
  const { id, process: child } = await processes.start('true')
  const found = await processes.now.find(id)
  t.equal(found?.userId, process.geteuid?.())
  t.ok(found?.groupIds.includes(process.getegid?.() ?? -1))
  t.equal(found?.isStopped, false)
  t.ok((found?.ageMs ?? -1) >= 0 && (found?.ageMs ?? 0) < 60_000, `${found?.ageMs} ms`)
  child.kill('SIGSTOP')
  while ((await processes.now.find(id))?.isStopped === false) await new Promise(setImmediate)
  t.equal((await processes.now.find(id))?.isStopped, true)
})

test('Processes finds by command line, and knows a script by its own name', async (t) => {
  const processes = new TestProcesses(t)
  const script = join(testFolder(t), 'backup-tool.mjs')
  writeFileSync(script, 'console.log("here"); process.stdin.resume()')
  const child = spawn(process.execPath, [script, 'all'], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  processes.show(child.pid ?? 0)
  const [found] = await processes.now.having((argv) => argv.includes('all'))
  t.equal(found?.program, 'backup-tool under node')
  t.same(await processes.now.having((argv) => argv.includes('none')), [])
})

test('Processes passes over a process that is gone', async (t) => {
  const processes = new TestProcesses(t)
  const gone = await processes.start('true')
  await gone.end()
  t.equal(await processes.now.find(gone.id), undefined)
  t.same(await processes.now.having(() => true), [])
  t.same(await new Processes('/nowhere').having(() => true), [], 'nor is there any without /proc')
})
