/**
 * A driver without side effects: its guests are what a test says.
 */
import type { Driver, FoundGuest } from '../driver.js'

/** A driver whose guests a test sets. */
export interface FakeDriver extends Driver {
  /** Sets the guests and tells all who watch. */
  setGuests(guests: readonly FoundGuest[]): void
}

export function createFakeDriver(): FakeDriver {
  let guests: readonly FoundGuest[] = []
  const watchers = new Set<() => void>()
  return {
    name: 'fake',
    list: async () => await Promise.resolve(guests),
    watch: async (onChange) => {
      watchers.add(onChange)
      return await Promise.resolve(async () => {
        watchers.delete(onChange)
        await Promise.resolve()
      })
    },
    setGuests: (next) => {
      guests = next
      for (const watcher of watchers) watcher()
    },
  }
}
