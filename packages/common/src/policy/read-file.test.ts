import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { policyFileBytesMax } from './limits.js'
import { sentenceOfProblem } from './fault.js'
import { readPolicyFile } from './read-file.js'
import { readPolicy } from './read-policy.js'
import { policyFolder, writePolicy } from './test-policy-folder.js'

const isRoot = process.geteuid?.() === 0
const allowAll = '* * * * allow'

/** What is wrong with a file, or `good`, or `missing`. */
async function verdict(path: string): Promise<string> {
  const read = await readPolicyFile(path)
  if ('problem' in read) return sentenceOfProblem(read.problem)
  return 'source' in read ? 'good' : 'missing'
}

test('readPolicyFile() takes a file that only its owner may write to', async (t) => {
  const path = writePolicy(join(policyFolder(t), 'a.policy'), allowAll)
  t.same(await readPolicyFile(path), { source: { file: 'a.policy', path, text: `${allowAll}\n` } })
  chmodSync(path, 0o600)
  t.equal(await verdict(path), 'good')
})

test('readPolicyFile() refuses what others may write to, with the command that mends it', async (t) => {
  const folder = policyFolder(t)
  const path = writePolicy(join(folder, 'a.policy'), allowAll)
  for (const mode of [0o664, 0o646, 0o666]) {
    chmodSync(path, mode)
    t.equal(
      await verdict(path),
      `a.policy: the file may be written by others than its owner; type: chmod go-w ${path}`,
    )
  }
  chmodSync(path, 0o644)
  chmodSync(folder, 0o775)
  t.equal(
    await verdict(path),
    `a.policy: the folder may be written by others than its owner; type: chmod go-w ${folder}`,
  )
})

test(
  'readPolicyFile() refuses what belongs to somebody else',
  { skip: !isRoot && 'needs root' },
  async (t) => {
    const folder = policyFolder(t)
    const path = writePolicy(join(folder, 'a.policy'), allowAll)
    const owner = 'is owned by user 65534, neither root nor the user that the daemon runs as'
    chownSync(path, 65_534, 0)
    t.equal(await verdict(path), `a.policy: the file ${owner}; type: chown root ${path}`)
    chownSync(path, 0, 0)
    chownSync(folder, 65_534, 0)
    t.equal(await verdict(path), `a.policy: the folder ${owner}; type: chown root ${folder}`)
  },
)

test('readPolicyFile() looks at the folder that a link leads to', async (t) => {
  const [folder, elsewhere] = [policyFolder(t), policyFolder(t)]
  const real = writePolicy(join(elsewhere, 'real'), allowAll)
  symlinkSync(real, join(folder, 'a.policy'))
  t.equal(await verdict(join(folder, 'a.policy')), 'good')
  chmodSync(elsewhere, 0o777)
  t.equal(
    await verdict(join(folder, 'a.policy')),
    `a.policy: the folder may be written by others than its owner; type: chmod go-w ${elsewhere}`,
  )
})

test('readPolicyFile() refuses what is no regular file, without waiting for it', async (t) => {
  const folder = policyFolder(t)
  mkdirSync(join(folder, 'a.policy'), { mode: 0o755 })
  execFileSync('mkfifo', ['-m', '644', join(folder, 'b.policy')])
  for (const name of ['a.policy', 'b.policy'])
    t.equal(
      await verdict(join(folder, name)),
      `${name}: it is not a regular file; remove it: ${join(folder, name)}`,
    )
})

test('readPolicyFile() refuses a link that leads in a circle', async (t) => {
  const path = join(policyFolder(t), 'a.policy')
  symlinkSync(path, path)
  t.equal(await verdict(path), `a.policy: it cannot be read: ELOOP; look at it with: ls -ld ${path}`)
})

test('readPolicyFile() refuses a link that leads nowhere, for somebody meant a policy', async (t) => {
  const path = join(policyFolder(t), 'a.policy')
  t.equal(await verdict(path), 'missing')
  symlinkSync('absent', path)
  t.equal(await verdict(path), `a.policy: it is a link that leads nowhere; remove it: ${path}`)
})

test('readPolicyFile() refuses one byte over the limit, and no other', async (t) => {
  const path = join(policyFolder(t), 'a.policy')
  writeFileSync(path, '#'.repeat(policyFileBytesMax), { mode: 0o644 })
  t.equal(await verdict(path), 'good')
  writeFileSync(path, '#'.repeat(policyFileBytesMax + 1))
  t.equal(
    await verdict(path),
    'a.policy: it has more than 1048576 bytes, the most that a policy file may have; split it, or look whether it is a policy at all',
  )
})

test('readPolicyFile() tells the line that is not UTF-8', async (t) => {
  const path = join(policyFolder(t), 'a.policy')
  const bad = Buffer.from([0x23, 0xe9, 0x0a])
  for (const [before, line] of [
    ['', 1],
    [`# é\n${allowAll}\n\n`, 4],
  ] as const) {
    writeFileSync(path, Buffer.concat([Buffer.from(before), bad, Buffer.from('# é')]), { mode: 0o644 })
    t.equal(await verdict(path), `a.policy:${line}: the line is not UTF-8; save the file as UTF-8`)
  }
})

test('readPolicy() refuses a policy file with an odd name', async (t) => {
  const folder = policyFolder(t)
  for (const name of ['my rules.policy', '-a.policy', 'é.policy', 'a\nb.policy'])
    writePolicy(join(folder, name), allowAll)
  const { problems, files } = await readPolicy({ folder })
  const fix = 'rename it; letters, digits, ".", "_" and "-" are taken, with a letter or a digit first'
  t.same(
    problems.map(({ message }) => message),
    Array.from({ length: 4 }, () => `a policy file cannot have this name; ${fix}`),
  )
  t.same(files, [])
})

test('readPolicy() refuses a folder that is none', async (t) => {
  const folder = join(policyFolder(t), 'policy.d')
  writePolicy(folder, allowAll)
  const { problems } = await readPolicy({ folder })
  t.same(problems.map(sentenceOfProblem), [
    `policy.d: it cannot be read: ENOTDIR; look at it with: ls -ld ${folder}`,
  ])
})
