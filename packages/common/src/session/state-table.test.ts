import { test } from 'tap'
import { endpointTable } from './session-state.js'
import { nextState } from './state-table.js'
import type { StateTable } from './state-table.js'
import { laneTable, streamTable } from './stream-state.js'

interface Machine {
  readonly thing: string
  readonly table: StateTable<string, string>
  readonly events: readonly string[]
  /** Every legal move: state, event, next state. */
  readonly moves: readonly string[]
}

const machines: readonly Machine[] = [
  {
    thing: 'channel',
    table: endpointTable,
    events: ['open', 'opened', 'hello', 'refuse', 'end', 'close'],
    moves: [
      'idle open opening',
      'idle opened ready',
      'idle close closed',
      'opening open opening',
      'opening hello ready',
      'opening refuse refused',
      'opening close closed',
      'refused open opening',
      'refused close closed',
      'ready opened ready',
      'ready end idle',
      'ready close closed',
    ],
  },
  {
    thing: 'call',
    table: streamTable,
    events: ['signal', 'cancel', 'result'],
    moves: [
      'open signal open',
      'open cancel cancelled',
      'open result finished',
      'cancelled signal cancelled',
      'cancelled cancel cancelled',
      'cancelled result finished',
    ],
  },
  {
    thing: 'lane',
    table: laneTable,
    events: ['data', 'end'],
    moves: ['open data open', 'open end ended'],
  },
]

for (const { thing, table, events, moves } of machines) {
  test(`nextState() makes every legal move of a ${thing}`, (t) => {
    const made = Object.entries(table).flatMap(([state, next]) =>
      Object.keys(next).map((event) => `${state} ${event} ${nextState({ table, thing, state, event })}`),
    )
    t.same(made.sort(), [...moves].sort())
    t.end()
  })

  test(`nextState() refuses every other move of a ${thing}, naming both`, (t) => {
    for (const state of Object.keys(table)) {
      for (const event of events.filter((each) => table[state]?.[each] === undefined)) {
        t.throws(() => nextState({ table, thing, state, event }), {
          name: 'PeerError',
          code: 'illegal-move',
          message: `Cannot take "${event}": the ${thing} is ${state}`,
        })
      }
    }
    t.end()
  })

  test(`each state of a ${thing} can be reached, and one of them is the last`, (t) => {
    const states = Object.keys(table)
    const reached = new Set([states[0] ?? '', ...moves.map((move) => move.split(' ')[2] ?? '')])
    t.same([...reached].sort(), [...states].sort())
    t.equal(states.filter((state) => Object.keys(table[state] ?? {}).length === 0).length, 1)
    t.end()
  })
}
