/**
 * The system commands in a real guest that has a kernel, busybox and nothing else: each answers as its schema says, or says what is missing.
 */
import {
  cpusSchema,
  hostNameSchema,
  memoryStatsSchema,
  networkInterfacesSchema,
  timeSchema,
  topicSchemas,
} from '@negotiator/common/system'
import { test } from 'tap'
import { setStage } from './machine/story.js'

/** Nobody keeps a list of logins or of packages there. */
const missing = ['active-user', 'applications', 'users']

test('a guest tells of itself', { timeout: 600_000 }, async (t) => {
  const { host, client, guest } = await setStage(t, { guests: ['web1'] })
  const vm = guest('web1')
  const ask = async (command: string, ...args: string[]) => {
    const { stdout, stderr, ...result } = await client.run({
      target: 'web1',
      command,
      args: [...args, '--json'],
    })
    return { ...result, stdout: stdout.toString(), stderr: stderr.toString() }
  }
  const told = async (command: string, ...args: string[]): Promise<unknown> =>
    JSON.parse((await ask(command, ...args)).stdout)

  await t.test('every topic answers as its schema says, or says what is missing', async (t) => {
    for (const [name, schema] of Object.entries(topicSchemas)) {
      const { kind, code, stdout, stderr } = { code: undefined, ...(await ask(name)) }
      t.equal(kind, 'exited')
      if (missing.includes(name)) {
        t.equal(code, 69, name)
        t.match(stderr, /^Cannot (tell|list) .+\n$/)
      } else {
        t.equal(code, 0, `${name}: ${stderr}`)
        t.ok(schema.safeParse(JSON.parse(stdout)).success, `${name}: ${stdout}`)
      }
    }
  })

  await t.test('what it tells is so', async (t) => {
    t.same(hostNameSchema.parse(await told('host-name')), { name: 'web1', fqdn: null })
    const { onlineCount } = cpusSchema.parse(await told('cpus'))
    t.equal(String(onlineCount), (await vm.console.run('nproc')).stdout.trim())
    const { interfaces } = networkInterfacesSchema.parse(await told('network-interfaces'))
    t.match(interfaces, [{ name: 'lo', isLoopback: true, ipv4: ['127.0.0.1/8'] }])
    const { unixMilliseconds } = timeSchema.parse(await told('time'))
    const seconds = Number((await vm.console.run('date +%s')).stdout)
    t.ok(Math.abs(unixMilliseconds / 1000 - seconds) < 60)
  })

  await t.test(
    'rates are those since the last call: the commands share a thread that remembers',
    async (t) => {
      const first = memoryStatsSchema.parse(await told('memory-stats'))
      await vm.console.run('sleep 2')
      await told('load')
      const second = memoryStatsSchema.parse(await told('memory-stats'))
      t.ok(second.intervalSeconds >= 2, `${first.intervalSeconds}, then ${second.intervalSeconds} seconds`)
      const threads = 'ls /proc/$(pidof -s node)/task | wc -l'
      const before = Number((await vm.console.run(threads)).stdout)
      for (const name of Object.keys(topicSchemas)) await ask(name)
      t.equal(Number((await vm.console.run(threads)).stdout), before, 'no further thread')
    },
  )

  await t.test('a person gets lines, and a sentence for what is wrong', async (t) => {
    t.match((await host.cli(['run', 'web1', 'load'])).stdout, /\(1, 5, 15 minutes\)\n/)
    t.equal((await host.cli(['run', 'web1', 'host-name'])).stdout, 'web1\n')
    const wrong = await host.cli(['run', 'web1', 'disks-usage', '--ignore-typ', 'tmpfs'])
    t.equal(wrong.status, 64)
    t.equal(
      wrong.stderr,
      'Cannot run disks-usage: there is no option "--ignore-typ"; did you mean "--ignore-type"?; ' +
        'usage: disks-usage [--ignore-type TYPE,...] [--all] [--json]\n',
    )
  })
})
