/**
 * A driver without side effects: its guests are what a test says.
 */
import type { Driver, FoundGuest } from '../driver.js'

/** A driver whose guests a test sets. */
export interface FakeDriver extends Driver {
  /** Sets the guests and tells all who watch. */
  setGuests(guests: readonly FoundGuest[]): void
  /** Lets `list` fail until guests are set again, and tells all who watch. */
  setProblem(problem: Error): void
  /** How many watch: a test asks at its end that none was forgotten. */
  readonly watcherCount: number
}

/** Makes a driver that has no guests yet. */
export function createFakeDriver(name: string = 'fake'): FakeDriver {
  let listed: readonly FoundGuest[] | Error = []
  const watchers = new Set<{ readonly onChange: () => void }>()
  const become = (next: readonly FoundGuest[] | Error): void => {
    listed = next
    for (const { onChange } of watchers) onChange()
  }
  return {
    name,
    list: async (signal) => {
      signal.throwIfAborted()
      if (listed instanceof Error) throw listed
      return await Promise.resolve(listed)
    },
    watch: async (onChange) => {
      const watcher = { onChange }
      watchers.add(watcher)
      return await Promise.resolve(async () => {
        watchers.delete(watcher)
        await Promise.resolve()
      })
    },
    setGuests: become,
    setProblem: become,
    get watcherCount() {
      return watchers.size
    },
  }
}
