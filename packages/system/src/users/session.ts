/**
 * A login, as whoever keeps the list of them knows it.
 */
import type { Login } from '@negotiator/common/system'

/** A login, with what only a session manager knows. */
export interface Session extends Login {
  readonly id: string | null
  readonly seat: string | null
  /** Whether its screen is the one that is shown. */
  readonly isActive: boolean | null
  readonly isLocked: boolean | null
}
