/**
 * Much data: how fast it flows each way beside the floor, and how long a program's pings take meanwhile.
 *
 * Only the time in which bytes flow is taken: the start of a command has rows of its own.
 */
import { once } from 'node:events'
import type { Call, Client } from '@negotiator/host'
import type { RoundFigures, Sizes } from './figures.js'
import { mebibytesPerSecond, portWriteBytes } from './port-end.js'
import { give, guestName, guestPath, swallow } from './stage.js'
import type { Stage } from './stage.js'
import { spreadOf } from './statistics.js'
import type { Spread } from './statistics.js'

type BulkFigures = Pick<
  RoundFigures,
  | `raw${'Echo' | 'Source' | 'Sink' | 'Output' | 'Input'}MibS`
  | `${'output' | 'input'}MibS`
  | keyof Spread<'besideOutput' | 'besideInput'>
>

/** Measures each of ours right after its floors. */
export async function measureBulk({ raw, client, host }: Stage, { bulkBytes }: Sizes): Promise<BulkFigures> {
  const rawEchoMibS = await raw.echo(bulkBytes)
  const rawSourceMibS = await raw.source(bulkBytes)
  const rawOutputMibS = await raw.output(guestPath(give), bulkBytes)
  const outputMibS = await mebibytesPerSecond(bulkBytes, await flowFromGuest(client, bulkBytes))
  const rawSinkMibS = await raw.sink(bulkBytes)
  const rawInputMibS = await raw.input(guestPath(swallow), bulkBytes)
  const inputMibS = await mebibytesPerSecond(bulkBytes, await flowToGuest(client, bulkBytes))
  const otherProgram = await host.connect()
  const besideOutput = await pingsBeside(otherProgram, await flowFromGuest(client, bulkBytes))
  const besideInput = await pingsBeside(otherProgram, await flowToGuest(client, bulkBytes))
  otherProgram.close()
  return {
    ...{ rawEchoMibS, rawSourceMibS, rawSinkMibS, rawOutputMibS, rawInputMibS, outputMibS, inputMibS },
    ...spreadOf('besideOutput', besideOutput),
    ...spreadOf('besideInput', besideInput),
  }
}

/** @returns a flow from guest to host that has begun; call it to see it through */
async function flowFromGuest(client: Client, byteCount: number): Promise<() => Promise<void>> {
  const call = client.call({ target: guestName, command: give.name, args: [`${byteCount}`] })
  call.stderr.resume()
  await once(call.stdout, 'readable')
  return async () => {
    let receivedBytes = 0
    for await (const chunk of call.stdout as AsyncIterable<Buffer>) receivedBytes += chunk.length
    if (receivedBytes !== byteCount)
      throw new Error(`Cannot measure output: ${receivedBytes} bytes of ${byteCount} came`)
    await succeeded(call)
  }
}

/** @returns a flow from host to guest that can begin at once; call it to see it through */
async function flowToGuest(client: Client, byteCount: number): Promise<() => Promise<void>> {
  const call = client.call({ target: guestName, command: swallow.name }, { hasStdin: true })
  call.stderr.resume()
  // A command that fails says no line: then its result comes first.
  await Promise.race([once(call.stdout, 'data'), succeeded(call)])
  return async () => {
    const block = Buffer.alloc(portWriteBytes)
    for (let sentBytes = 0; sentBytes < byteCount; sentBytes += block.length) {
      if (!call.stdin.write(block)) await once(call.stdin, 'drain')
    }
    call.stdin.end()
    await succeeded(call)
  }
}

async function succeeded(call: Call): Promise<void> {
  const result = await call.result
  if (result.kind !== 'exited' || result.code !== 0)
    throw new Error(`Cannot measure a flow: ${JSON.stringify(result)}`)
}

/** @returns milliseconds of each ping, one after the other, as long as the flow lasts */
async function pingsBeside(client: Client, flow: () => Promise<void>): Promise<readonly number[]> {
  const times: number[] = []
  let isFlowing = true
  const flowed = flow().finally(() => (isFlowing = false))
  while (isFlowing) {
    const startedMs = performance.now()
    await client.ping(guestName)
    times.push(performance.now() - startedMs)
  }
  await flowed
  return times
}
