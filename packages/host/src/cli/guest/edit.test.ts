import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeCommand } from '@negotiator/common/testing'
import { test } from 'tap'
import type { Test } from 'tap'
import { testUuid } from '../../managed/test-definition.js'
import { GuestProgram } from './test-guest-program.js'

/** A machine with web1, and an editor there that does something to its file, `$1`. */
async function programWithEditor(t: Test, script: string): Promise<GuestProgram> {
  const program = new GuestProgram(t)
  await program.define()
  const before = { ...process.env }
  t.teardown(() => (process.env = before))
  // What an edit leaves behind is below the machine's folder, too.
  const editor = writeCommand({ folder: program.root, name: 'editor', script })
  process.env = { ...before, VISUAL: editor, TMPDIR: program.root }
  return program
}

/** What edits have left behind. */
function leftIn({ root }: GuestProgram): readonly string[] {
  return readdirSync(root).filter((name) => name.startsWith('negotiator-edit-'))
}

/** The file that a message names. */
function keptText(stderr: string): string {
  const [, path = ''] =
    /\nNothing was changed. What you wrote is in "(.*)"; mend it and use: guest define \1\n$/.exec(stderr) ??
    []
  return readFileSync(path, 'utf8')
}

test('guest edit keeps what the editor wrote', async (t) => {
  const program = await programWithEditor(t, 'sed -i "s/^vcpus.*/vcpus = 2/" "$1"')
  t.same(await program.run('edit', 'web1', '--dry-run'), {
    code: 0,
    stdout: `This would change "web1", ${testUuid}; its revision is 2.\n`,
    stderr: '',
  })
  t.match(await program.run('show', 'web1'), { stdout: 'vcpus = 1\n' })
  t.same(await program.run('edit', 'web1'), {
    code: 0,
    stdout: `Changed "web1", ${testUuid}; its revision is 2.\n`,
    stderr: '',
  })
  t.match(await program.run('show', 'web1'), { stdout: 'vcpus = 2\n' })
  t.same(leftIn(program), [])
})

test('guest edit starts an editor with its options', async (t) => {
  const program = await programWithEditor(t, '[ "$1" = -w ] && sed -i "s/^vcpus.*/vcpus = 2/" "$2"')
  process.env['EDITOR'] = `${process.env['VISUAL'] ?? ''} -w`
  delete process.env['VISUAL']
  t.match(await program.run('edit', 'web1'), { code: 0, stdout: /^Changed "web1"/ })
})

test('guest edit makes no revision of what was not changed', async (t) => {
  const program = await programWithEditor(t, ':')
  t.same(await program.run('edit', 'web1'), { code: 0, stdout: '"web1" is as it was.\n', stderr: '' })
  t.match(await program.run('show', 'web1'), { stdout: 'revision 1, off\n' })
  t.same(leftIn(program), [])
})

test('guest edit does not keep what is wrong, and does not lose it', async (t) => {
  const program = await programWithEditor(t, 'sed -i "s/^vcpus.*/vcpu = 2/" "$1"')
  const { code, stdout, stderr } = await program.run('edit', 'web1')
  t.match({ code, stdout }, { code: 125, stdout: '' })
  t.match(
    stderr,
    /^negotiator-host: Cannot use the definition "web1": it has a fault\n {2}vcpu: there is no such setting; did you mean "vcpus"\?\nNothing/,
  )
  t.match(keptText(stderr), 'vcpu = 2\n')
  t.match(await program.run('show', 'web1'), { stdout: 'vcpus = 1\n' })
})

test('guest edit refuses what was changed meanwhile, and does not lose it', async (t) => {
  const program = await programWithEditor(
    t,
    'echo "# mine" >> "$1"; touch "$(dirname "$0")/edits"; while [ -e "$(dirname "$0")/edits" ]; do sleep 0.05; done',
  )
  const editing = program.run('edit', 'web1')
  const mark = join(program.root, 'edits')
  while (!existsSync(mark)) await new Promise((resolve) => setTimeout(resolve, 20))
  await program.run('rename', 'web1', 'web2')
  rmSync(mark)
  const { code, stderr } = await editing
  t.equal(code, 125)
  t.match(
    stderr,
    /^negotiator-host: Cannot change "web1": its definition was changed meanwhile \(revision 2, wanted 1\); begin again with the one in force\nNothing/,
  )
  t.match(keptText(stderr), '# mine\n')
})

test('guest edit changes no uuid', async (t) => {
  const program = await programWithEditor(
    t,
    'sed -i "s/^uuid.*/uuid = \\"9b1f0f3a-0000-4000-8000-00000000000f\\"/" "$1"',
  )
  const { code, stderr } = await program.run('edit', 'web1')
  t.equal(code, 125)
  t.match(
    stderr,
    `negotiator-host: Cannot change the uuid of "web1": it stays ${testUuid}; "guest define" makes another guest\nNothing`,
  )
})

test('guest edit changes nothing when the editor fails', async (t) => {
  const program = await programWithEditor(t, 'exit 3')
  t.same(await program.run('edit', 'web1'), {
    code: 125,
    stdout: '',
    stderr: `negotiator-host: Cannot edit with "${program.root}/editor": it ended with 3; VISUAL or EDITOR names another\n`,
  })
  writeCommand({ folder: program.root, name: 'editor', script: 'kill -9 $$' })
  t.match(await program.run('edit', 'web1'), { stderr: /: it ended with (137|a signal); VISUAL/ })
  writeCommand({ folder: program.root, name: 'editor', script: 'rm "$1"' })
  t.match(await program.run('edit', 'web1'), { stderr: /: its file is gone; VISUAL/ })
  t.same(leftIn(program), [])
  t.match(await program.run('show', 'web1'), { stdout: 'revision 1, off\n' })
})

test('guest edit does not lose what was written when the editor fails then', async (t) => {
  const program = await programWithEditor(t, 'echo "# mine" >> "$1"; exit 1')
  const { stderr } = await program.run('edit', 'web1')
  t.match(stderr, /it ended with 1; VISUAL or EDITOR names another\nNothing was changed/)
  t.match(keptText(stderr), '# mine\n')
})
