import { applicationsSchema, containersSchema } from '@negotiator/common/system'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { test } from 'tap'
import type { Test } from 'tap'
import { callCommand, testMachine } from '../test-machine.js'
import type { TestMachineParts } from '../test-machine.js'
import { alpine, debian12, minimal, rocky9 } from '../test-systems.js'
import { command as applications } from './applications.js'
import { command as containers } from './containers.js'

test('applications lists what is installed, whoever keeps the list', async (t) => {
  const told = async (parts: TestMachineParts, ...args: string[]) => {
    const machine = testMachine(t, parts)
    const { stdout } = await callCommand(applications, { machine, args: ['--json', ...args] })
    const answer = applicationsSchema.parse(JSON.parse(stdout))
    const all = answer.applications.map((one) => `${one.name} ${one.version} ${one.architecture}`)
    return [answer.packageManager, ...all]
  }
  const linux = 'linux-image-amd64 6.1.69-1 amd64'
  t.same(await told(debian12), ['dpkg', 'libc6 2.36-9+deb12u4 amd64', linux])
  t.same(await told(debian12, 'linux-*', 'nothing?'), ['dpkg', linux])
  t.same(await told(rocky9), ['rpm', 'bash 5.1.8-9.el9 x86_64', 'openssl 1:3.0.7-27.el9 x86_64'])
  t.same(await told(alpine), ['apk', 'musl 1.2.5-r0 x86_64', 'busybox 1.36.1-r29 x86_64'])
  t.same(await told(alpine, '.*', '[a-z]+'), ['apk'], 'patterns are no regular expressions')
  const emptyDpkg = Object.fromEntries(Object.keys(debian12.tools ?? {}).map((line) => [line, '']))
  const both = { ...rocky9, tools: { ...emptyDpkg, ...rocky9.tools } }
  t.equal((await told(both))[0], 'rpm', 'a manager without packages is not the one')
})

test('applications says so where nobody keeps a list, and where the tool fails', async (t) => {
  const broken = Object.fromEntries(
    Object.keys(debian12.tools ?? {}).map((line) => [line, { exitCode: 2, stderr: 'broken' }]),
  )
  for (const parts of [minimal, { tools: broken }])
    t.match(await callCommand(applications, { machine: testMachine(t, parts) }), {
      exitCode: 69,
      stderr: /^Cannot list packages: neither dpkg, rpm nor apk is here; /,
    })
})

/** A machine on which Docker answers this. */
async function dockerMachine(t: Test, { status = 200, body }: { status?: number; body: string }) {
  const asked: (string | undefined)[] = []
  const machine = testMachine(t)
  mkdirSync(`${machine.root}/run`)
  const server = createServer((request, response) => {
    asked.push(request.url)
    response.writeHead(status).end(body)
  })
  server.listen(`${machine.root}/run/docker.sock`)
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { machine, asked }
}

const docker = {
  Id: 'c0ffee0123456789',
  Names: ['/web', '/other/alias'],
  Image: 'nginx:1',
  Command: 'nginx -g "daemon off;"',
  Status: 'Up 2 hours',
  State: 'running',
}

test('containers lists those of Docker', async (t) => {
  const body = JSON.stringify([docker, { Names: ['no id'] }, null, 3])
  const { machine, asked } = await dockerMachine(t, { body })
  const { stdout } = await callCommand(containers, { machine, args: ['--json'] })
  const { containers: found } = containersSchema.parse(JSON.parse(stdout))
  const { Id: id, Image: image, Command: command, Status: status } = docker
  t.same(found, [{ id, names: ['web', 'other/alias'], image, command, status, runtime: 'docker' }])
  t.equal(
    (await callCommand(containers, { machine, args: ['--all'] })).stdout,
    'web, other/alias: nginx:1, Up 2 hours\n',
  )
  t.same(asked, ['/containers/json?all=0', '/containers/json?all=1'])
})

test('containers says what Docker answers instead of a list', async (t) => {
  const cases: [answer: { status?: number; body: string }, stderr: RegExp][] = [
    [{ status: 500, body: 'no' }, /^Cannot list the containers: Docker's answer: HTTP status 500\n$/],
    [{ body: '<html>' }, /^Cannot list the containers: Docker's answer: .*JSON.*\n$/],
  ]
  for (const [answer, stderr] of cases) {
    const { machine } = await dockerMachine(t, answer)
    t.match(await callCommand(containers, { machine }), { exitCode: 1, stdout: '', stderr })
  }
})

test('containers lists those of podman, and none where there is neither', async (t) => {
  const podman = { ...docker, Names: ['db'], Command: ['postgres', '-c', 'x=1'], Status: '' }
  const told = async (tools: TestMachineParts['tools'], ...args: string[]): Promise<unknown> =>
    await callCommand(containers, { machine: testMachine(t, { ...(tools && { tools }) }), args })
  const list = JSON.stringify([podman])
  t.match(await told({ 'podman ps --format json': list }), { stdout: 'db: nginx:1, running\n' })
  t.match(await told({ 'podman ps --all --format json': list }, '--all', '--json'), {
    stdout: /"command":"postgres -c x=1","status":"running","runtime":"podman"/,
  })
  for (const text of ['', 'null\n', '[]'])
    t.match(await told({ 'podman ps --format json': text }), { stdout: '' })
  t.match(await told({ 'podman ps --format json': 'oops' }), {
    exitCode: 1,
    stderr: /podman's answer: it is no JSON/,
  })
  const failing = { exitCode: 125, stderr: 'first\nError: no rights\n' }
  t.match(await told({ 'podman ps --format json': failing }), { exitCode: 1, stderr: /Error: no rights\n$/ })
  t.match(await told(undefined, '--json'), { exitCode: 0, stdout: '{"containers":[]}\n' })
})
