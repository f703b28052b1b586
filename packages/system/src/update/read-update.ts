/**
 * Reads a package as it comes: first its head, about which the caller of this decides, then the program.
 */
import { createHash } from 'node:crypto'
import { decodeHead, headBytesMax, notAPackage } from './update-package.js'
import type { UpdateHead } from './update-package.js'

interface UpdateReader {
  /** Throws when the head is not to be believed. Nothing is given to `program` before. */
  readonly head: (head: UpdateHead) => void
  readonly program: (bytes: Uint8Array) => void
}

/**
 * @returns the head, when all of the program has come and is what the head says
 * @throws {CommandFailure} otherwise
 */
export async function readUpdate(
  input: AsyncIterable<Uint8Array>,
  reader: UpdateReader,
): Promise<UpdateHead> {
  const hash = createHash('sha256')
  let start = Buffer.alloc(0)
  let head: UpdateHead | undefined
  let sizeBytes = 0
  const take = (bytes: Uint8Array, { manifest }: UpdateHead): void => {
    sizeBytes += bytes.length
    if (sizeBytes > manifest.sizeBytes) throw notAPackage('more follows than its second line says')
    hash.update(bytes)
    reader.program(bytes)
  }
  for await (const bytes of input) {
    if (head !== undefined) {
      take(bytes, head)
      continue
    }
    start = Buffer.concat([start, bytes])
    head = decodeHead(start)
    if (head === undefined) continue
    reader.head(head)
    take(start.subarray(head.lengthBytes), head)
  }
  if (head === undefined)
    throw notAPackage(
      start.length === 0
        ? 'standard input is empty'
        : `it ends within its head, of ${headBytesMax} bytes at most`,
    )
  if (sizeBytes < head.manifest.sizeBytes)
    throw notAPackage(`only ${sizeBytes} of ${head.manifest.sizeBytes} bytes came`)
  if (hash.digest('hex') !== head.manifest.sha256)
    throw notAPackage('the program has another SHA-256 than was signed')
  return head
}
