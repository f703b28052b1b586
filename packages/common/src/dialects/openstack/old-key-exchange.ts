/**
 * LEGACY, and broken: the key exchange of OpenStack's old guest agents. Off unless `old-key-exchange = true`.
 *
 * It hides a password from nobody. The group is so weak (2^107 - 1, whose predecessor has small factors only, the largest of 45 bits)
 * that one core finds the key from what passes by in seconds, there is no authentication, and MD5 and CBC without a MAC protect
 * what is left. Whoever can read XenStore or the channel has the password. It is here for hosts that cannot do better, byte for
 * byte; `set-password` over negotiator's own channel does not need it.
 * Floor 6. Pure but for its random numbers.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { isUtf8 } from 'node:buffer'

const prime = 2n ** 107n - 1n
const generator = 5n
const privateKeyBytes = 16

/** One side's half of an exchange. Good for one password, whether that was read or not. */
export class OldKeyPair {
  readonly #privateKey: bigint

  /** @param privateKey random, unless a test knows better */
  constructor(privateKey: bigint = BigInt(`0x${randomBytes(privateKeyBytes).toString('hex')}`)) {
    this.#privateKey = privateKey
  }

  /** What the other side is told, in decimal. */
  get publicKey(): string {
    return String(power(generator, this.#privateKey))
  }

  /**
   * What both sides know then, in decimal.
   * @param peerKey the other side's public key, in decimal
   * @returns `undefined` when that is none, or one whose outcome everybody knows
   */
  secretWith(peerKey: string): string | undefined {
    if (!/^[0-9]{1,40}$/.test(peerKey)) return undefined
    const peer = BigInt(peerKey)
    return peer > 1n && peer < prime - 1n ? String(power(peer, this.#privateKey)) : undefined
  }
}

/** As `openssl enc -aes-128-cbc -nosalt -md md5 -pass pass:SECRET` does it. */
export function encryptOld(text: string, secret: string): Buffer {
  const { key, iv } = keyAndIv(secret)
  const cipher = createCipheriv('aes-128-cbc', key, iv)
  return Buffer.concat([cipher.update(text), cipher.final()])
}

/**
 * @returns the text without the newlines at its end; `undefined` when any byte of the padding is wrong, or what comes out is
 *   not one line of text. The old agents looked at one byte, and set what came out of the wrong key.
 */
export function decryptOld(bytes: Buffer, secret: string): string | undefined {
  const { key, iv } = keyAndIv(secret)
  const plain = unpadded(createDecipheriv('aes-128-cbc', key, iv), bytes)
  if (plain === undefined || !isUtf8(plain)) return undefined
  const text = plain.toString().replace(/\n+$/, '')
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return text === '' || /[\u0000-\u001f\u007f]/.test(text) ? undefined : text
}

function unpadded(decipher: ReturnType<typeof createDecipheriv>, bytes: Buffer): Buffer | undefined {
  try {
    return Buffer.concat([decipher.update(bytes), decipher.final()])
  } catch {
    return undefined // OpenSSL looks at the whole padding; why it is wrong is nobody's business.
  }
}

/** OpenSSL's EVP_BytesToKey: MD5, one round, no salt. */
function keyAndIv(secret: string): { readonly key: Buffer; readonly iv: Buffer } {
  const md5 = (...parts: readonly (string | Buffer)[]): Buffer => {
    const hash = createHash('md5')
    for (const part of parts) hash.update(part)
    return hash.digest()
  }
  const key = md5(secret)
  return { key, iv: md5(key, secret) }
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, base % prime]
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % prime
    square = (square * square) % prime
  }
  return result
}
