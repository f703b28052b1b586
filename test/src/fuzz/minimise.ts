/**
 * Makes a finding small: whatever can be left out without the promise being kept is left out.
 */

/** How much is tried at most; a finding that stays a little longer is no loss, and one that takes for ever hides itself. */
const [tryCountMax, triedBytesMax] = [2_000, 16 * 1024 * 1024]

/**
 * Leaves out ever smaller runs of bytes.
 * @param isBroken whether an input still breaks the promise in the same way
 * @returns the smallest input found, which does
 */
export async function minimise(
  input: Buffer,
  isBroken: (input: Buffer) => Promise<boolean>,
): Promise<Buffer> {
  let smallest = input
  let [tryCount, triedBytes] = [0, 0]
  for (let run = Math.ceil(input.length / 2); run >= 1; run = run === 1 ? 0 : Math.ceil(run / 2)) {
    for (let at = 0; at < smallest.length && tryCount < tryCountMax && triedBytes < triedBytesMax;) {
      const candidate = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + run)])
      tryCount += 1
      triedBytes += candidate.length
      if (await isBroken(candidate)) smallest = candidate
      else at += run
    }
  }
  return smallest
}
