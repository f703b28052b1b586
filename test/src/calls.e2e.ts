/**
 * Calls both ways in a real virtual machine: arguments, streams and endings arrive as they were.
 */
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'tap'
import { setStage } from './machine/story.js'
import { allScripts } from './scripts.js'

test('calls between a host and its guest', { timeout: 600_000 }, async (t) => {
  const { host, client, guest } = await setStage(t, {
    guests: ['web1'],
    guestCommands: allScripts,
    hostCommands: allScripts,
  })
  const vm = guest('web1')
  const onHost = async (command: string, ...args: string[]) =>
    await client.run({ target: 'web1', command, args })

  await t.test('arguments arrive byte for byte', async (t) => {
    const args = ['two words', `it's "quoted"`, 'line\nbreak', '', 'größe €', '$HOME', '--', '-n', '*']
    const { stdout } = await onHost('print-arguments', ...args)
    t.equal(stdout.toString(), args.map((argument) => `[${argument}]`).join(''))
  })

  await t.test('arguments arrive from a guest, too', async (t) => {
    const result = await vm.console.run(
      `negotiator-guest run print-arguments 'two words' '' "it's" 'größe €' '$HOME' -n`,
    )
    t.equal(result.stdout, `[two words][][it's][größe €][$HOME][-n]`)
    t.equal(result.status, 0)
  })

  await t.test('binary input comes back as it was', async (t) => {
    const input = randomBytes(3_000_001)
    const { stdout } = await client.run({ target: 'web1', command: 'copy' }, { stdin: input })
    t.equal(sha256(stdout), sha256(input))
  })

  await t.test('binary input comes back from the host as it was', async (t) => {
    const result = await vm.console.run(
      `head -c 3000001 /dev/urandom > /tmp/in; negotiator-guest run copy < /tmp/in | sha256sum; sha256sum < /tmp/in`,
      { timeoutMs: 60_000 },
    )
    const [copied, original] = result.stdout.split('\n')
    t.equal(copied, original)
    t.match(original, /^[0-9a-f]{64}/)
  })

  await t.test('the two outputs stay apart', async (t) => {
    const { stdout, stderr } = await onHost('say-both')
    t.strictSame([stdout.toString(), stderr.toString()], ['to-stdout\n', 'to-stderr\n'])
    const back = await vm.console.run('negotiator-guest run say-both')
    t.strictSame([back.stdout, back.stderr], ['to-stdout\n', 'to-stderr\n'])
  })

  await t.test('exit statuses 0, 3 and 255 arrive', async (t) => {
    for (const code of [0, 3, 255]) {
      t.match(await onHost('exit-with', String(code)), { kind: 'exited', code })
      t.equal((await vm.console.run(`negotiator-guest run exit-with ${code}`)).status, code)
      t.equal((await host.cli(['run', 'web1', 'exit-with', String(code)])).status, code)
    }
  })

  await t.test('death by a signal is told as such, and as 128 + n by the programs', async (t) => {
    t.match(await onHost('die-by', 'KILL'), { kind: 'signalled', signal: 'SIGKILL' })
    t.equal((await host.cli(['run', 'web1', 'die-by', 'KILL'])).status, 137)
    t.equal((await vm.console.run('negotiator-guest run die-by TERM')).status, 143)
  })

  await t.test('an unknown command is 127, with a suggestion', async (t) => {
    const result = await host.cli(['run', 'web1', 'sayboth'])
    t.equal(result.status, 127)
    t.equal(
      result.stderr,
      'sayboth on web1: unknown-command: there is no command of this name; did you mean "say-both"?\n',
    )
    const back = await vm.console.run('negotiator-guest run ../../bin/sh')
    t.equal(back.status, 127)
    t.match(back.stderr, /unknown-command/)
  })

  await t.test('a file that is not executable is 126, with the reason', async (t) => {
    await vm.console.run('echo echo no > /usr/lib/negotiator/commands/plain-file')
    const result = await host.cli(['run', 'web1', 'plain-file'])
    t.equal(result.status, 126)
    t.equal(result.stderr, 'plain-file on web1: failed-to-start: it is not executable; chmod +x it\n')
  })

  await t.test('a guest that is not there is 125, with a suggestion', async (t) => {
    const result = await host.cli(['run', 'web2', 'hello'])
    t.equal(result.status, 125)
    t.equal(result.stderr, 'hello on web2: unreachable: there is no "web2" here; did you mean "web1"?\n')
  })

  await t.test('commands know who calls', async (t) => {
    t.equal((await vm.console.run('negotiator-guest run guest-name')).stdout, 'web1\n')
    t.match((await onHost('hello')).stdout.toString(), /host/)
  })

  await t.test('200 calls at once, both ways, each with its own answer', async (t) => {
    const numbers = Array.from({ length: 200 }, (_, index) => String(index))
    const toGuest = Promise.all(
      numbers.map(async (number) => (await onHost('print-arguments', number)).stdout.toString()),
    )
    const library = `
      import { connect } from '/opt/negotiator/bundle/index.js'
      const guest = await connect()
      const run = async (n) => (await guest.run({ target: 'host', command: 'print-arguments', args: [String(n)] })).stdout.toString()
      console.log(JSON.stringify(await Promise.all(Array.from({ length: 200 }, (_, n) => run(n)))))
      guest.close()`
    const toHost = vm.console.run(`cat > /tmp/many.mjs && node /tmp/many.mjs`, {
      input: library,
      timeoutMs: 120_000,
    })
    const wanted = numbers.map((number) => `[${number}]`)
    t.strictSame(await toGuest, wanted)
    t.strictSame(JSON.parse((await toHost).stdout), wanted)
  })

  await t.test('a new command appears without asking again, and goes when it is removed', async (t) => {
    const listings = client.watchCommands('web1')
    const next = async (): Promise<string[]> => {
      const listing = await listings.next()
      return listing.done === true ? [] : listing.value.map(({ name }) => name)
    }
    t.notOk((await next()).includes('brand-new'))
    await vm.console.run(`cp /usr/lib/negotiator/commands/copy /usr/lib/negotiator/commands/brand-new`)
    t.ok((await next()).includes('brand-new'))
    t.match(await onHost('brand-new'), { kind: 'exited', code: 0 })
    await vm.console.run('rm /usr/lib/negotiator/commands/brand-new')
    t.notOk((await next()).includes('brand-new'))
    await listings.return(undefined)
  })

  await t.test('ping and wait answer on both sides', async (t) => {
    t.match((await host.cli(['ping', 'web1'])).stdout, /^web1 answers after [\d.]+ ms\n$/)
    t.match(
      (await vm.console.run('negotiator-guest wait --timeout 10 && negotiator-guest ping')).stdout,
      /^host answers after/,
    )
  })
})

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
