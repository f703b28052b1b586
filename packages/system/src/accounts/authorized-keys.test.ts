import { test } from 'tap'
import fc from 'fast-check'
import { addKeys, keysIn, parseKeyLine, removeKeys } from './authorized-keys.js'
import type { AuthorizedKey } from './authorized-keys.js'

/** A key of this type with so many bytes behind. */
function blobOf(type: string, tail = 'key'): string {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(type.length)
  return Buffer.concat([head, Buffer.from(type), Buffer.from(tail)]).toString('base64')
}

const one = `ssh-ed25519 ${blobOf('ssh-ed25519', 'one')} one@example.org`
const two = `ssh-rsa ${blobOf('ssh-rsa', 'two')}`

function parsed(line: string): AuthorizedKey {
  const key = parseKeyLine(line)
  if (key === undefined) throw new Error(`no key: ${line}`)
  return key
}

test('parseKeyLine() reads options, type, key and comment', (t) => {
  // Made by ssh-keygen -t ed25519; the fingerprint is that of ssh-keygen -l.
  const real = 'AAAAC3NzaC1lZDI1NTE5AAAAIJDDD8VtM2TUXKxVT4DvFJEwlKzgmZ4HZW4bu08fYXgN'
  t.match(parsed(`ssh-ed25519 ${real}`), { type: 'ssh-ed25519', blob: real, comment: '', options: '' })
  const line = `from="10.0.0.0/8",command="echo \\"a b\\" ssh-rsa" ssh-ed25519\t${real}  a comment with blanks `
  t.match(parsed(line), {
    options: 'from="10.0.0.0/8",command="echo \\"a b\\" ssh-rsa"',
    type: 'ssh-ed25519',
    comment: 'a comment with blanks',
  })
  t.end()
})

test('parseKeyLine() takes nothing that sshd would not', (t) => {
  const lines = [
    '',
    '  ',
    `# ${one}`,
    'ssh-ed25519',
    'ssh-ed25519 AAAA',
    `ssh-ed25519 ${blobOf('ssh-rsa')}`,
    `ssh-dss ${blobOf('ssh-dss')}`,
    `ssh-ed25519 ${blobOf('ssh-ed25519', '')}`,
    `ssh-ed25519 ${blobOf('ssh-ed25519')}!`,
    '-----BEGIN OPENSSH PRIVATE KEY-----',
    `from="x ${one}`,
  ]
  for (const line of lines) t.equal(parseKeyLine(line), undefined, line)
  t.end()
})

test('addKeys() adds what is missing behind what is there, byte for byte', (t) => {
  const before = `# mine\n\nfrom="10.0.0.1" ${one}\r\nwhat is this`
  t.same(addKeys(before, [parsed(one), parsed(two), parsed(two)]), {
    text: `${before}\n${two}\n`,
    keys: [parsed(two)],
  })
  t.same(addKeys(before, [parsed(one)]), { text: before, keys: [] })
  t.equal(addKeys('', [parsed(one)]).text, `${one}\n`)
  t.end()
})

test('removeKeys() removes each line of a key and no other', (t) => {
  const before = `# ${two}\nno-pty ${two}\n${one}\n${two} again\nrest`
  const { text, keys } = removeKeys(before, ({ fingerprint }) => fingerprint === parsed(two).fingerprint)
  t.equal(text, `# ${two}\n${one}\nrest`)
  t.equal(keys.length, 2)
  t.end()
})

test('adding a key and removing it again gives the lines that were there', (t) => {
  const line = fc.oneof(
    fc.constantFrom(two, `# ${one}`, `no-pty ${two} x`),
    fc.stringMatching(/^[ -~]{0,40}$/),
  )
  const check = fc.property(fc.array(line), (lines) => {
    const before = lines.map((text) => `${text}\n`).join('')
    const key = parsed(one)
    const added = addKeys(before, [key])
    t.ok(keysIn(added.text).some(({ blob }) => blob === key.blob))
    return removeKeys(added.text, ({ blob }) => blob === key.blob).text === before
  })
  fc.assert(check)
  t.end()
})
