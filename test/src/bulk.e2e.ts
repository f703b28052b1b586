/**
 * Much data in a real virtual machine: it arrives whole, small calls answer beside it, and memory stays bounded.
 */
import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { test } from 'tap'
import type { Call } from '@negotiator/host'
import type { HostProgram } from './machine/host-program.js'
import { setStage } from './machine/story.js'
import type { Vm } from './machine/vm.js'
import { copy, count, printArguments, zeros } from './scripts.js'

const bulkBytes = 256 * 1024 * 1024
const growthBytesMax = 32 * 1024 * 1024

test('much data between a host and its guest', { timeout: 900_000 }, async (t) => {
  const { host, client, guest } = await setStage(t, {
    guests: ['web1'],
    guestCommands: [zeros, count, printArguments, copy],
    hostCommands: [printArguments],
  })
  const vm = guest('web1')
  // The first calls load what the daemons need to make calls at all.
  await client.run({ target: 'web1', command: 'copy' }, { stdin: Buffer.alloc(1024 * 1024) })

  await t.test('256 MiB from the guest, and small calls answer meanwhile', async (t) => {
    const before = await residentBytes(host, vm)
    const bulk = client.call({ target: 'web1', command: 'zeros', args: [String(bulkBytes)] })
    const received = countBytes(bulk.stdout)
    bulk.stderr.resume()
    const answers = await answersUntil(bulk, async (number) =>
      (await client.run({ target: 'web1', command: 'print-arguments', args: [number] })).stdout.toString(),
    )
    t.equal(await received, bulkBytes)
    t.ok(answers.length >= 5, `${answers.length} small calls were answered meanwhile`)
    t.ok(answers.every((answer, index) => answer === `[${index}]`))
    await checkGrowth(before)
  })

  await t.test('256 MiB to the guest, and the guest\'s own small calls answer meanwhile', async (t) => {
    const before = await residentBytes(host, vm)
    const bulk = client.call({ target: 'web1', command: 'count' }, { hasStdin: true })
    const counted = collectText(bulk.stdout)
    bulk.stderr.resume()
    const sent = send(bulk, bulkBytes)
    const answers = await answersUntil(bulk, async (number) =>
      (await vm.console.run(`negotiator-guest run print-arguments ${number}`, { timeoutMs: 120_000 })).stdout,
    )
    await sent
    t.equal((await counted).trim(), String(bulkBytes))
    t.ok(answers.length >= 2, `${answers.length} small calls were answered meanwhile`)
    t.ok(answers.every((answer, index) => answer === `[${index}]`))
    await checkGrowth(before)
  })

  async function checkGrowth(before: Resident): Promise<void> {
    const after = await residentBytes(host, vm)
    t.comment(`resident MiB, before and after: host ${mib(before.host)} ${mib(after.host)}, guest ${mib(before.guest)} ${mib(after.guest)}`)
    t.ok(after.host - before.host <= growthBytesMax, 'the host daemon stays within 32 MiB')
    t.ok(after.guest - before.guest <= growthBytesMax, 'the guest daemon stays within 32 MiB')
  }
})

interface Resident {
  readonly host: number
  readonly guest: number
}

/** The most that each daemon has ever had in memory. */
async function residentBytes(host: HostProgram, vm: Vm): Promise<Resident> {
  const guest = await vm.console.run('cat /proc/$(cat /run/negotiator-guest.pid)/status')
  return { host: peakOf(await readFile(`/proc/${host.daemonId}/status`, 'utf8')), guest: peakOf(guest.stdout) }
}

function peakOf(status: string): number {
  return Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1]) * 1024
}

function mib(byteCount: number): string {
  return (byteCount / 1024 / 1024).toFixed(1)
}

/** Makes one small call after the other while the bulk call runs. */
async function answersUntil(bulk: Call, smallCall: (number: string) => Promise<string>): Promise<string[]> {
  const answers: string[] = []
  let isOver = false
  void bulk.result.then(() => (isOver = true))
  while (!isOver) answers.push(await smallCall(String(answers.length)))
  return answers
}

async function countBytes(stream: Readable): Promise<number> {
  let byteCount = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) byteCount += chunk.length
  return byteCount
}

async function collectText(stream: Readable): Promise<string> {
  let text = ''
  for await (const chunk of stream as AsyncIterable<Buffer>) text += chunk.toString()
  return text
}

async function send({ stdin }: Call, byteCount: number): Promise<void> {
  const chunk = Buffer.alloc(64 * 1024)
  for (let left = byteCount; left > 0; left -= chunk.length) {
    if (!stdin.write(chunk)) await new Promise((resolve) => stdin.once('drain', resolve))
  }
  stdin.end()
}
