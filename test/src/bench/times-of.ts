/**
 * How long each of a row of things takes.
 */

/** @returns milliseconds of each of so many; `work` gives an exit status, and one other than 0 throws */
export async function timesOf(count: number, work: () => Promise<number>): Promise<readonly number[]> {
  const times: number[] = []
  for (let turn = 0; turn < count; turn += 1) {
    const startedMs = performance.now()
    const status = await work()
    times.push(performance.now() - startedMs)
    if (status !== 0) throw new Error(`Cannot measure a program: it ended with status ${status}`)
  }
  return times
}
