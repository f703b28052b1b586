/**
 * The seed of a random test: printed, so that a failure can be run again.
 * Floor 0, for tests.
 */

/** Where a seed is printed: a test's own comments. */
interface CommentWriter {
  comment(message: string): void
}

/**
 * A seed for this run, or the one in the environment's `TEST_SEED`; printed either way.
 * @returns 0 to 2^31 - 1
 */
export function testSeed(test: CommentWriter): number {
  const wanted = process.env['TEST_SEED']
  const seed = wanted === undefined ? Math.floor(Math.random() * 0x8000_0000) : Number(wanted)
  test.comment(`seed ${seed}: run again with TEST_SEED=${seed}`)
  return seed
}
