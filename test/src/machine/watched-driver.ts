/**
 * A driver as the daemon uses it: watched, and listed after each change.
 */
import type { Test } from 'tap'
import { createLog, systemClock } from '@negotiator/common'
import { createDrivers } from '@negotiator/host/testing'
import type { Driver, FoundGuest } from '@negotiator/host/testing'

/** A driver, what it logs, and what it lists after a change. */
export class WatchedDriver {
  readonly driver: Driver
  readonly lines: readonly string[]
  #isChanged = false
  #wake: () => void = () => undefined

  private constructor(driver: Driver, lines: readonly string[]) {
    this.driver = driver
    this.lines = lines
  }

  /** Makes the driver that a configuration asks for, and watches until the test is over. */
  static async start(t: Test, spec: string): Promise<WatchedDriver> {
    const lines: string[] = []
    const log = createLog({ level: 'info', format: 'text', write: (line) => lines.push(line) })
    const [driver] = await createDrivers([spec], { clock: systemClock, log })
    if (driver === undefined) throw new Error(`No driver for ${spec}`)
    const watched = new WatchedDriver(driver, lines)
    const unwatch = await watched.driver.watch(() => {
      watched.#isChanged = true
      watched.#wake()
    })
    t.teardown(unwatch)
    return watched
  }

  /** Lists as the daemon does at its start: once for all there is, once for what happened until events were told. */
  async begin(): Promise<void> {
    for (let look = 0; look < 2; look += 1) {
      await this.changed()
      await this.list()
    }
  }

  /** What it lists now. */
  async list(): Promise<readonly FoundGuest[]> {
    return await this.driver.list(new AbortController().signal)
  }

  /** Lists after each change, and only then, until there is such a guest. */
  async until(isWanted: (guest: FoundGuest) => boolean): Promise<FoundGuest> {
    for (;;) {
      await this.changed()
      const guest = (await this.list()).find(isWanted)
      if (guest !== undefined) return guest
    }
  }

  /** Lists after each change, and only then, until there is no guest of this uuid. */
  async untilGone(uuid: string): Promise<void> {
    do await this.changed()
    while ((await this.list()).some((guest) => guest.uuid === uuid))
  }

  /** Waits for the next change. */
  async changed(): Promise<void> {
    while (!this.#isChanged) await new Promise<void>((resolve) => (this.#wake = resolve))
    this.#isChanged = false
  }
}
