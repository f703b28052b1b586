/**
 * The system's word for an error of a system call.
 */

/** Such as `ENOENT`; `unknown error` for what has none. */
export function errorCodeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'unknown error'
}
