import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { testFolder } from '@negotiator/common/testing'
import { test } from 'tap'
import type { Test } from 'tap'
import { ownPieces } from './own-pieces.js'
import type { Piece } from './piece.js'
import type { DriverVerbs } from './verbs.js'

const really = { isDryRun: false }

interface OwnStage {
  readonly folder: string
  readonly stateFolder: string
  /** The verbs of a driver that owns a file of this text. */
  readonly withText: (content: string) => DriverVerbs
}

function stageOf(t: Test): OwnStage {
  const top = testFolder(t)
  const [folder, stateFolder] = [join(top, 'above/own'), join(top, 'state')]
  const pieceOf = (content: string): Piece => {
    return {
      kind: 'file',
      path: join(folder, 'file'),
      mode: 0o755,
      madeBy: 'configure',
      purpose: 'a test',
      content,
    }
  }
  const withText = (content: string): DriverVerbs =>
    ownPieces({ driver: 'odd:/name', pieces: [pieceOf(content)], stateFolder })
  return { folder, stateFolder, withText }
}

test('configure() makes the folders above a file, and cleanup() takes them away once they are empty', async (t) => {
  const { folder, withText } = stageOf(t)
  const { steps } = await withText('one').configure(really)
  t.match(steps, [
    { path: join(folder, '..'), outcome: 'made' },
    { path: folder, outcome: 'made' },
    { path: join(folder, 'file'), outcome: 'made' },
  ])
  t.equal(statSync(join(folder, 'file')).mode & 0o7777, 0o755)
  t.same(readdirSync(folder), ['file'], 'nothing half written is left')
  await withText('one').cleanup(really)
  t.notOk(existsSync(join(folder, '..')))
})

test('configure() brings what it wrote itself up to date, also after a crash in the middle of it', async (t) => {
  const { folder, withText } = stageOf(t)
  await withText('one').configure(really)
  t.match(await withText('two').configure(really), { isDone: true, steps: [{ outcome: 'changed' }] })
  // The record was written and the file was not: it is as it was.
  writeFileSync(join(folder, 'file'), 'one')
  t.match(await withText('two').configure(really), { isDone: true, steps: [{ outcome: 'changed' }] })
  t.equal(readFileSync(join(folder, 'file'), 'utf8'), 'two')
})

test("a file that was there before is nobody's to take away, even when it has our very text", async (t) => {
  const { folder, withText } = stageOf(t)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'file'), 'one')
  const why = 'it was there before, so it stays when the driver goes'
  t.match(await withText('one').configure(really), { isDone: true, steps: [{ outcome: 'there', why }] })
  t.match(await withText('one').cleanup(really), { steps: [{ outcome: 'left', why: 'it is not ours' }] })
  t.equal(readFileSync(join(folder, 'file'), 'utf8'), 'one')
})

test('configure() leaves what somebody has changed or put there, says what to do, and is not done', async (t) => {
  const { folder, withText } = stageOf(t)
  await withText('one').configure(really)
  writeFileSync(join(folder, 'file'), 'mine')
  t.match(await withText('two').configure(really), {
    isDone: false,
    steps: [{ outcome: 'left', why: 'somebody has changed it since; move it away to have ours again' }],
  })
  const other = stageOf(t)
  mkdirSync(other.folder, { recursive: true })
  symlinkSync('/etc/passwd', join(other.folder, 'file'))
  t.match(await other.withText('one').configure(really), {
    isDone: false,
    steps: [{ outcome: 'left', why: 'it is not a regular file' }],
  })
})

test('cleanup() removes what it had left once nobody else has anything in it', async (t) => {
  const { folder, withText } = stageOf(t)
  await withText('one').configure(really)
  writeFileSync(join(folder, 'file'), 'mine')
  await withText('one').cleanup(really)
  writeFileSync(join(folder, 'file'), 'one')
  await withText('one').cleanup(really)
  t.notOk(existsSync(join(folder, '..')))
})

test('a record that is damaged stops every verb, and names itself', async (t) => {
  const { stateFolder, withText } = stageOf(t)
  await withText('one').configure(really)
  const path = join(stateFolder, 'drivers', 'odd%3A%2Fname.json')
  for (const text of ['', '{}', '{"pieces":[{"path":"relative"}]}']) {
    writeFileSync(path, text)
    await t.rejects(withText('one').cleanup(really), {
      code: 'bad-driver-record',
      message:
        `Cannot tell what the driver "odd:/name" has made: it is damaged (${path}); ` +
        'move it away, and look yourself what is left of the driver',
    })
  }
})

test(
  'a verb that the system refuses says what to do',
  { skip: process.geteuid?.() === 0 && 'root may all' },
  async (t) => {
    const { folder, withText } = stageOf(t)
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, 0o500)
    await t.rejects(withText('one').configure(really), {
      code: 'driver-verb-failed',
      message: /^Cannot configure the driver "odd:\/name": EACCES: .*; do it as root$/,
    })
  },
)
