/**
 * The rows of much data, and of small calls beside it. Pure.
 */
import type { Figures } from './figures.js'
import type { Row } from './row.js'

const ofFloor = { atLeast: 0.7 }
const idlePing = 'the p50 of a ping alone, for the p95'

/** @param bulk how much, for the reader */
export function bulkRows(bulk: string): readonly Row[] {
  return [...outputRows(bulk), ...inputRows(bulk), ...besideRows(bulk)]
}

const outputRows = (bulk: string): readonly Row[] => [
  { title: `raw echo of ${bulk}`, unit: 'MiB/s each way', figures: ['rawEchoMibS'] },
  { title: `raw source, guest to host, ${bulk}`, unit: 'MiB/s', figures: ['rawSourceMibS'] },
  {
    title: `output of a command, copied to the raw port in C, ${bulk}`,
    unit: 'MiB/s',
    figures: ['rawOutputMibS'],
  },
  {
    title: `output of the same command, called through the library, ${bulk}`,
    unit: 'MiB/s',
    figures: ['outputMibS'],
    ratios: [
      { to: 'raw echo', of: (round) => round.outputMibS / round.rawEchoMibS, goal: ofFloor },
      { to: 'raw source', of: (round) => round.outputMibS / round.rawSourceMibS },
      { to: 'by C', of: (round) => round.outputMibS / round.rawOutputMibS },
    ],
  },
]

const inputRows = (bulk: string): readonly Row[] => [
  { title: `raw sink, host to guest, ${bulk}`, unit: 'MiB/s', figures: ['rawSinkMibS'] },
  {
    title: `input of a command, copied from the raw port in C, ${bulk}`,
    unit: 'MiB/s',
    figures: ['rawInputMibS'],
  },
  {
    title: `input of the same command, called through the library, ${bulk}`,
    unit: 'MiB/s',
    figures: ['inputMibS'],
    ratios: [
      { to: 'raw echo', of: (round) => round.inputMibS / round.rawEchoMibS, goal: ofFloor },
      { to: 'raw sink', of: (round) => round.inputMibS / round.rawSinkMibS },
      { to: 'by C', of: (round) => round.inputMibS / round.rawInputMibS },
    ],
  },
]

const besideRows = (bulk: string): readonly Row[] => [
  besideRow({ title: `output, ${bulk}`, name: 'besideOutput' }),
  besideRow({ title: `input, ${bulk}`, name: 'besideInput' }),
]

function besideRow({ title, name }: { title: string; name: 'besideOutput' | 'besideInput' }): Row {
  const of = (round: Figures): number => round[`${name}P95`] / round.clientPingP50
  return {
    title: `ping of a program beside ${title}: p50, p95, p99`,
    unit: 'ms',
    figures: [`${name}P50`, `${name}P95`, `${name}P99`],
    ratios: [{ to: idlePing, of, goal: { atMost: 5 } }],
  }
}
