/**
 * Uuids as hypervisors and people write them.
 * Floor 1. Pure.
 */

/** What QEMU says of a machine that was given none. */
const noUuid = '00000000-0000-0000-0000-000000000000'

/**
 * Reads a uuid.
 * @param text with or without white space around it
 * @returns it in lower case; `undefined` when the text is none, or the one of all zeros, which names nobody
 */
export function parseUuid(text: string): string | undefined {
  const uuid = text.trim().toLowerCase()
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid) && uuid !== noUuid ? uuid : undefined
}
