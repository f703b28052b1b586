import { test } from 'tap'
import type { SystemCommand } from './command.js'
import { CommandFailure, missing } from './failure.js'
import { callCommand, testMachine } from './test-machine.js'

const commandThat = (run: SystemCommand['run']): SystemCommand => ({ name: 'tested', run })

test('an answer is lines for people, and one object with --json', async (t) => {
  const machine = testMachine(t)
  const command = commandThat(async () => Promise.resolve({ json: { a: 'x\ny' }, lines: ['one', 'two'] }))
  t.same(await callCommand(command, { machine }), { exitCode: 0, stdout: 'one\ntwo\n', stderr: '' })
  t.equal((await callCommand(command, { machine, args: ['--json'] })).stdout, '{"a":"x\\ny"}\n')
})

test('what a terminal would obey is not printed for people', async (t) => {
  const machine = testMachine(t)
  const lines = ['a\nb \u001b[31mred \u009b \u2028 größe €']
  const command = commandThat(async () => Promise.resolve({ json: {}, lines }))
  t.equal((await callCommand(command, { machine })).stdout, 'a\\x0ab \\x1b[31mred \\x9b \\u2028 größe €\n')
})

test('a failure is a sentence of one line and its exit status', async (t) => {
  const machine = testMachine(t)
  const fails = (error: Error): SystemCommand => commandThat(async () => Promise.reject(error))
  t.same(await callCommand(fails(missing('Cannot do "a\nb": no')), { machine }), {
    exitCode: 69,
    stdout: '',
    stderr: 'Cannot do "a\\x0ab": no\n',
  })
  t.match(await callCommand(fails(new CommandFailure('Cannot', 1)), { machine }), { exitCode: 1 })
  await t.rejects(callCommand(fails(new TypeError('a fault')), { machine }), { message: 'a fault' })
})

test('a command may read its input and write its answer itself', async (t) => {
  const command = commandThat(async ({ stdin, write, caller }) => {
    for await (const bytes of stdin) await write(bytes)
    await write(` for ${caller.kind} ${caller.name}`)
    return undefined
  })
  const { stdout } = await callCommand(command, { machine: testMachine(t), stdin: 'bytes' })
  t.equal(stdout, 'bytes for host host')
})
