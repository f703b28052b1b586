// Makes a signed package of a guest's program, for the command self-update. The key is an ed25519 private key in PEM:
//   openssl genpkey -algorithm ed25519 -out update-key.pem; openssl pkey -in update-key.pem -pubout -out vendor.pem
// The program says its own version, so it must run on this machine.
// Usage: node scripts/sign-update.mjs --program FILE --key PRIVATE.pem --out FILE
// The packages must have been built.

import { createHash, createPrivateKey } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { encodeHead } from '../packages/system/dist/update/update-package.js'

const { values } = parseArgs({
  options: { program: { type: 'string' }, key: { type: 'string' }, out: { type: 'string' } },
})
const { program, key, out } = values
if (program === undefined || key === undefined || out === undefined) {
  console.error('Usage: node scripts/sign-update.mjs --program FILE --key PRIVATE.pem --out FILE')
  process.exitCode = 64
} else await signUpdate({ program: resolve(program), key, out })

async function signUpdate({ program, key, out }) {
  const content = await readFile(program)
  const manifest = {
    side: 'guest',
    version: execFileSync(program, ['--version'], { encoding: 'utf8' }).trim(),
    // One file of JavaScript runs anywhere; an executable has Node inside.
    arch: content.subarray(0, 2).toString() === '#!' ? 'any' : process.arch,
    sizeBytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
  }
  const head = encodeHead(manifest, createPrivateKey(await readFile(key)))
  await writeFile(out, Buffer.concat([head, content]))
  console.log(
    `${out}: negotiator-guest ${manifest.version} for ${manifest.arch}, ${manifest.sizeBytes} bytes`,
  )
}
