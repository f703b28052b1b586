/**
 * Reads all of standard input, of a command that cannot begin before it has it.
 */
import { wrongUsage } from './failure.js'

/** @throws {CommandFailure} when there is more than so much */
export async function readInput(stdin: AsyncIterable<Uint8Array>, bytesMax: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of stdin) {
    sizeBytes += chunk.length
    if (sizeBytes > bytesMax)
      throw wrongUsage(`Cannot take what comes over standard input: it has more than ${bytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
