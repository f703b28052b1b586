/**
 * The program's own version, told in each handshake.
 * Floor 0.
 */

/** The same as in each package.json; a test compares them. */
export const version = '0.1.0'
