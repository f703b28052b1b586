import { test } from 'tap'
import type { ConfigSource } from '../../agent/config.js'
import type { MakeSubcommand } from '../program-context.js'
import { testProgram } from '../test-program.js'
import { doctorOptions, tellFindings } from './doctor.js'

const asked: ConfigSource[] = []
const report = { text: '1 error.\n', json: '{"severity":"error"}\n', exitCode: 2 }

/** A program with a doctor whose examination is over at once. */
const doctor: MakeSubcommand = (context) =>
  doctorOptions(context.subcommand('doctor', { summary: 'look', example: 'doctor' })).action(
    async (_options, command: Parameters<typeof doctorOptions>[0]) =>
      await tellFindings(context, {
        command,
        examine: async (source) => {
          asked.push(source)
          return await Promise.resolve(report)
        },
      }),
  )

test('doctor tells its findings as text or as JSON, and exits as they say', async (t) => {
  const options = { side: 'guest', subcommands: [doctor] } as const
  t.match(await testProgram(options, 'doctor'), { code: 2, stdout: report.text, stderr: '' })
  t.match(await testProgram(options, 'doctor', '--json'), { code: 2, stdout: report.json })
})

test('doctor examines what --root and --config say, and does not need either to be right', async (t) => {
  asked.length = 0
  const options = { side: 'guest', root: '/nowhere', subcommands: [doctor] } as const
  await testProgram(options, '--config', '/nowhere/else.toml', 'doctor')
  t.same(asked, [{ side: 'guest', root: '/nowhere', file: '/nowhere/else.toml' }])
})

test('doctor says what its exit statuses mean, and 125 to wrong usage', async (t) => {
  const options = { side: 'guest', subcommands: [doctor] } as const
  t.match((await testProgram(options, 'doctor', '--help')).stdout, /2 there are errors; 125 wrong usage\./)
  t.match(await testProgram(options, 'doctor', 'web1'), { code: 125, stderr: /too many arguments/ })
})
