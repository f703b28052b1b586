/**
 * State machines as tables: state, event, next state.
 * Floor 3. Pure. A move that the table does not hold is refused, naming both.
 */
import { PeerError } from '../errors.js'

/** For each state, the events that it takes and the state that follows. */
export type StateTable<State extends string, Event extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Event, State>>>>
>

/**
 * The state that follows.
 * @param move the `table`, what `thing` it is about (for the message), its `state` and the `event`
 * @throws {PeerError} `illegal-move` when the state does not take the event
 */
export function nextState<State extends string, Event extends string>(move: {
  readonly table: StateTable<State, Event>
  readonly thing: string
  readonly state: State
  readonly event: Event
}): State {
  const { table, thing, state, event } = move
  const next = table[state][event]
  if (next !== undefined) return next
  throw new PeerError(`Cannot take "${event}": the ${thing} is ${state}`, { code: 'illegal-move' })
}
