/**
 * A peer's catalogue: lines of JSON on a lane, each all its commands.
 */
import { catalogueFrom, LaneReader, readJsonLines } from '@negotiator/common/testing'
import { PeerError } from '@negotiator/common'
import { byteByByte, declared, holds, inPieces, same } from '../target.js'
import type { Target } from '../target.js'

const byteByByteMax = 4_096

export const catalogueTarget: Target = {
  name: 'catalogue',
  promise: 'throws nothing but a PeerError, tells nothing behind a fault, and the same however it is cut',
  grammar: 'json',
  tokens: ['{"commands":[]}\n', '"name"', '"kind"', '"secretArgs":[2]'],
  check: (input) => {
    const whole = read([input])
    const cuts = [inPieces(input), ...(input.length <= byteByByteMax ? [byteByByte(input)] : [])]
    for (const chunks of cuts) same(read(chunks), whole, 'cut and whole differ')
  },
}

function read(chunks: readonly Buffer[]): readonly unknown[] {
  const told: unknown[] = []
  let isBad = false
  const lane = new LaneReader(() => undefined)
  readJsonLines(lane, {
    value: (value) => {
      holds(!isBad, 'it tells something behind a fault')
      const catalogue = declared(() => catalogueFrom(value), [PeerError])
      if ('value' in catalogue)
        for (const { name, secretArgs = [] } of catalogue.value) {
          holds(/^[\w][\w.-]*$/.test(name), 'an odd name')
          holds(
            secretArgs.every((position) => Number.isSafeInteger(position) && position >= 1),
            'an odd position',
          )
        }
      told.push('value' in catalogue ? catalogue.value : catalogue.error.message)
    },
    bad: ({ message }) => {
      holds(!isBad, 'it tells two faults')
      isBad = true
      told.push(message)
    },
  })
  for (const chunk of chunks) if (chunk.length > 0) lane.deliver(Buffer.from(chunk))
  return told
}
