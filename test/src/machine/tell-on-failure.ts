/**
 * Shows what machines and daemons have written when a test that used them has failed.
 *
 * tap has no event for that when a part of a test fails; at its end it knows. Teardowns run last first, so what is told of
 * is still there if its own teardown was given before.
 */
import type { Test } from 'tap'

/** @param log what to show; read when the test is over and has failed */
export function tellOnFailure(t: Test, log: () => string | Promise<string>): void {
  t.teardown(async () => {
    if (!t.passing()) t.comment(await log())
  })
}
