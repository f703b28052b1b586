// Runs in the soaked guest: calls the host again and again, two calls at a time, and writes each call and its result to the record.
// node calls.mjs RECORD_DEVICE STOP_FILE; it ends when the file is there and all its calls have ended. Not compiled.

import { appendFileSync, existsSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { setTimeout as pass } from 'node:timers/promises'
import { connect } from '/opt/negotiator/bundle/index.js'

const callersCount = 2
const afterFailureMs = 500
const [device, stopFile] = process.argv.slice(2)
const record = (line) => appendFileSync(device, `${line}\n`)
const pick = (items) => items[Math.floor(Math.random() * items.length)]

let connecting
await Promise.all(Array.from({ length: callersCount }, callUntilStopped))
const last = await connected()
last?.close()
record('over')

async function callUntilStopped() {
  while (!existsSync(stopFile)) {
    const current = await connected()
    if (current !== undefined) await callOnce(current)
    await pass(pick([50, 200, 500]))
  }
}

async function callOnce(current) {
  const id = randomUUID()
  const timeoutMs = pick([400, 3000, 10_000])
  const seconds = pick([0, 0, 0.3, 2])
  const bytes = pick([0, 10, 100_000])
  record(`made ${id} ${timeoutMs}`)
  const call = { target: 'host', command: 'soak-note', args: [id, seconds, bytes].map(String) }
  const result = await current.run(call, { timeoutMs }).catch((error) => ({ kind: `thrown-${error.code}` }))
  record(`result ${id} ${[result.kind, result.code ?? result.signal].join(' ')}`.trim())
  if (result.kind === 'exited') return
  await forgetUnlessAlive(current)
  await pass(afterFailureMs)
}

async function connected() {
  connecting ??= connect().catch(() => undefined)
  const client = await connecting
  if (client === undefined) connecting = undefined
  return client
}

/** A daemon that was started anew has a new socket. */
async function forgetUnlessAlive(current) {
  const isAlive = await current.status().then(
    () => true,
    () => false,
  )
  if (isAlive || current !== (await connecting)) return
  connecting = undefined
  current.close()
}
