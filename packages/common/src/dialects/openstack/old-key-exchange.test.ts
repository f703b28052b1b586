import { execFileSync } from 'node:child_process'
import { createCipheriv, randomBytes } from 'node:crypto'
import { test } from 'tap'
import { decryptOld, encryptOld, OldKeyPair } from './old-key-exchange.js'

/** Computed with Node and with openssl 3.0 from keys that were chosen. */
const vector = {
  host: { privateKey: 0x0123_4567_89ab_cdef_0123n, publicKey: '128492706489454800633959484585958' },
  guest: {
    privateKey: 0x0011_2233_4455_6677_8899_aabb_ccdd_eeffn,
    publicKey: '10213771857304028832860390748511',
  },
  secret: '42212498014643735436438456950707',
  aesKey: '84d3a6e9e224da5710dab5b26a0f91e8',
  aesIv: 'd6085eacfae73900f1b100805e6eb9ac',
  plaintext: 's3cret\n',
  ciphertext: 'Gk3NH44nVy80S3tLzsi+7g==',
}

test('the old key exchange comes to the bytes of the test vector, from both sides', async (t) => {
  const [host, guest] = [new OldKeyPair(vector.host.privateKey), new OldKeyPair(vector.guest.privateKey)]
  t.equal(host.publicKey, vector.host.publicKey)
  t.equal(guest.publicKey, vector.guest.publicKey)
  t.equal(host.secretWith(guest.publicKey), vector.secret)
  t.equal(guest.secretWith(host.publicKey), vector.secret)
  t.equal(encryptOld(vector.plaintext, vector.secret).toString('base64'), vector.ciphertext)
  t.equal(decryptOld(Buffer.from(vector.ciphertext, 'base64'), vector.secret), 's3cret')
})

test('key and IV of the cipher are those that the secret gives, one round of MD5 each', async (t) => {
  const [key, iv] = [Buffer.from(vector.aesKey, 'hex'), Buffer.from(vector.aesIv, 'hex')]
  const cipher = createCipheriv('aes-128-cbc', key, iv)
  const bytes = Buffer.concat([cipher.update(vector.plaintext), cipher.final()])
  t.equal(bytes.toString('base64'), vector.ciphertext)
  t.same(encryptOld(vector.plaintext, vector.secret), bytes)
})

test('openssl, as hosts call it, comes to the same bytes', async (t) => {
  const options = ['-aes-128-cbc', '-a', '-A', '-nosalt', '-md', 'md5', '-pass', `pass:${vector.secret}`]
  let out: string
  try {
    out = execFileSync('openssl', ['enc', ...options], {
      input: vector.plaintext,
      stdio: ['pipe', 'pipe', 'ignore'],
    }).toString()
  } catch (error) {
    return t.comment(`skipped: openssl cannot be run here (${String(error)})`)
  }
  t.equal(out, vector.ciphertext)
})

test('OldKeyPair makes another key each time, and no key with a peer that leaves no choice', async (t) => {
  const pair = new OldKeyPair()
  t.not(pair.publicKey, new OldKeyPair().publicKey)
  const prime = 2n ** 107n - 1n
  for (const key of [
    '0',
    '1',
    String(prime - 1n),
    String(prime),
    String(prime + 5n),
    '-5',
    '0x5',
    '5.0',
    '',
    '9'.repeat(41),
  ])
    t.equal(pair.secretWith(key), undefined, key)
  t.ok(pair.secretWith('5'))
})

test('decryptOld() looks at every byte of the padding, and at what comes out', async (t) => {
  const { secret } = vector
  for (const bad of ['', '\n', 'two\nlines', 'bell\u0007', 'del\u007f'])
    t.equal(decryptOld(encryptOld(bad, secret), secret), undefined, JSON.stringify(bad))
  t.equal(decryptOld(encryptOld('Pässwörd with blanks \n', secret), secret), 'Pässwörd with blanks ')
  const binary = encryptOld('x', secret)
  t.equal(decryptOld(binary.subarray(0, 15), secret), undefined, 'not a whole block')
  t.equal(decryptOld(Buffer.alloc(0), secret), undefined)
})

test('decryptOld() takes no garbage for a password: the old agents took one wrong key of fifteen', async (t) => {
  let taken = 0
  for (let round = 0; round < 2_000; round += 1) {
    if (decryptOld(randomBytes(16), vector.secret) !== undefined) taken += 1
  }
  t.equal(taken, 0)
})
