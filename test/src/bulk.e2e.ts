/**
 * Much data in a real virtual machine: it arrives whole, small calls answer beside it, and memory stays bounded.
 */
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { test } from 'tap'
import type { HostProgram } from './machine/host-program.js'
import { setStage } from './machine/story.js'
import type { Vm } from './machine/vm.js'
import { copy, count, printArguments, zeros } from './scripts.js'

const mebibyte = 1024 * 1024
const bulkBytes = 128 * mebibyte
const growthBytesMax = 32 * mebibyte

/** A small call is made each time that so much has passed: often enough to prove the point, seldom enough to end today. */
const smallCallEachBytes = 16 * mebibyte

test('much data between a host and its guest', { timeout: 900_000 }, async (t) => {
  const { host, client, guest } = await setStage(t, {
    guests: ['web1'],
    guestCommands: [zeros, count, printArguments, copy],
    hostCommands: [printArguments],
  })
  const vm = guest('web1')
  // The first calls load what the daemons need to make calls at all.
  await client.run({ target: 'web1', command: 'copy' }, { stdin: Buffer.alloc(mebibyte) })
  const before = await peakBytes(host, vm)

  await t.test('128 MiB from the guest, and small calls answer meanwhile', async (t) => {
    const bulk = client.call({ target: 'web1', command: 'zeros', args: [String(bulkBytes)] })
    bulk.stderr.resume()
    const small = new SmallCalls(async (number) =>
      (await client.run({ target: 'web1', command: 'print-arguments', args: [number] })).stdout.toString(),
    )
    let receivedBytes = 0
    for await (const chunk of bulk.stdout as AsyncIterable<Buffer>) {
      receivedBytes += chunk.length
      if (receivedBytes < bulkBytes) small.passed(receivedBytes)
    }
    t.equal(receivedBytes, bulkBytes)
    t.ok(small.answered >= 3, `${small.answered} small calls were answered meanwhile`)
    t.strictSame(await small.answers(), ['[0]', '[1]', '[2]', '[3]', '[4]', '[5]', '[6]'])
  })

  await t.test('128 MiB to the guest, and small calls of the guest answer meanwhile', async (t) => {
    const bulk = client.call({ target: 'web1', command: 'count' }, { hasStdin: true })
    bulk.stderr.resume()
    const counted = text(bulk.stdout)
    const small = new SmallCalls(
      async (number) =>
        (await vm.console.run(`negotiator-guest run print-arguments ${number}`, { timeoutMs: 120_000 }))
          .stdout,
    )
    const chunk = Buffer.alloc(64 * 1024)
    for (let sentBytes = 0; sentBytes < bulkBytes; sentBytes += chunk.length) {
      if (!bulk.stdin.write(chunk)) await new Promise((resolve) => bulk.stdin.once('drain', resolve))
      small.passed(sentBytes)
    }
    const answered = small.answered
    bulk.stdin.end()
    t.equal((await counted).trim(), String(bulkBytes))
    t.ok(answered >= 3, `${answered} small calls were answered meanwhile`)
    t.strictSame(await small.answers(), ['[0]', '[1]', '[2]', '[3]', '[4]', '[5]', '[6]'])
  })

  const after = await peakBytes(host, vm)
  t.comment(
    `peak MiB, before and after: host ${mib(before.host)} ${mib(after.host)}, guest ${mib(before.guest)} ${mib(after.guest)}`,
  )
  t.ok(after.host - before.host <= growthBytesMax, 'the host daemon grows by at most 32 MiB')
  t.ok(after.guest - before.guest <= growthBytesMax, 'the guest daemon grows by at most 32 MiB')
})

/** Small calls that are made while much data passes. */
class SmallCalls {
  readonly #call: (number: string) => Promise<string>
  readonly #answers: Promise<string>[] = []
  answered = 0

  constructor(call: (number: string) => Promise<string>) {
    this.#call = call
  }

  /** So much has passed in all; makes the call that is due. */
  passed(byteCount: number): void {
    if (byteCount < (this.#answers.length + 1) * smallCallEachBytes) return
    const answer = this.#call(String(this.#answers.length))
    this.#answers.push(answer.finally(() => (this.answered += 1)))
  }

  async answers(): Promise<string[]> {
    return await Promise.all(this.#answers)
  }
}

interface Peak {
  readonly host: number
  readonly guest: number
}

/** The most that each daemon has ever had in memory. */
async function peakBytes(host: HostProgram, vm: Vm): Promise<Peak> {
  const guest = await vm.console.run('cat /proc/$(cat /run/negotiator-guest.pid)/status')
  return {
    host: peakOf(await readFile(`/proc/${host.daemonId}/status`, 'utf8')),
    guest: peakOf(guest.stdout),
  }
}

function peakOf(status: string): number {
  return Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1]) * 1024
}

function mib(byteCount: number): string {
  return (byteCount / mebibyte).toFixed(1)
}
