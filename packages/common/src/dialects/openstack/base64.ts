/**
 * Base64 as it must be: Node's own reader takes whatever it is given.
 * Floor 6. Pure.
 */

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/**
 * @param text may have line breaks, as `openssl enc -a` makes them
 * @returns `undefined` when it is none
 */
export function base64In(text: unknown): Buffer | undefined {
  if (typeof text !== 'string') return undefined
  const bare = text.replace(/\s/g, '')
  return base64.test(bare) ? Buffer.from(bare, 'base64') : undefined
}
