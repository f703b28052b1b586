import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Duplex, PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { test } from 'tap'
import { GuestConsole } from './console.js'

/** The guest's end of the line, moved by hand. */
class FakeGuest {
  readonly #typed = new PassThrough()
  readonly #lines = createInterface({ input: this.#typed })
  readonly line: Duplex = new Duplex({
    read: () => {},
    write: (bytes, _encoding, done) => void this.#typed.write(bytes, done),
  })
  readonly console: GuestConsole = new GuestConsole(this.line)

  say(text: string): void {
    this.line.push(text)
  }

  async nextRequest(): Promise<{ id: string; command: string; input: string }> {
    const line = String((await once(this.#lines, 'line'))[0])
    const [id = '', command = '', input = ''] = line.split(' ')
    const decode = (text: string): string => Buffer.from(text, 'base64').toString()
    return { id, command: decode(command), input: decode(input) }
  }

  async nextBytes(): Promise<string> {
    return String((await once(this.#typed, 'data'))[0])
  }
}

test('run() gives what the command printed and its status', async (t) => {
  const guest = new FakeGuest()
  const result = guest.console.run('ls', { input: 'in' })
  const { id, ...asked } = await guest.nextRequest()
  t.strictSame(asked, { command: 'ls', input: 'in' })
  guest.say(`${id} 2 3 1\nout!`)
  t.strictSame(await result, { stdout: 'out', stderr: '!', status: 2 })
})

test('run() sends a command only when the one before it has ended', async (t) => {
  const guest = new FakeGuest()
  const results = Promise.all([guest.console.run('first'), guest.console.run('second')])
  const first = await guest.nextRequest()
  t.equal(first.command, 'first')
  const secondRequest = guest.nextRequest()
  t.equal(await Promise.race([secondRequest, setImmediate('nothing')]), 'nothing')
  guest.say(`${first.id} 0 0 0\n`)
  guest.say(`${(await secondRequest).id} 1 0 0\n`)
  t.strictSame(
    (await results).map(({ status }) => status),
    [0, 1],
  )
})

test('run() interrupts a command that is late, and says what it printed', async (t) => {
  const guest = new FakeGuest()
  const result = guest.console.run('sleep 9', { timeoutMs: 1 })
  const refused = t.rejects(
    result,
    /Cannot run "sleep 9" in the guest: it took more than 1 ms and printed: half/,
  )
  const { id } = await guest.nextRequest()
  t.equal(await guest.nextBytes(), '\x03')
  guest.say(`${id} 130 4 0\nhalf`)
  await refused
})

test('run() fails when the guest reboots meanwhile', async (t) => {
  const guest = new FakeGuest()
  const refused = t.rejects(
    guest.console.run('reboot'),
    /Cannot run "reboot" in the guest: its shell began anew/,
  )
  await guest.nextRequest()
  guest.say('negotiator-console boot-2\n')
  await refused
})

test('run() fails when the machine is gone or goes', async (t) => {
  const guest = new FakeGuest()
  const refused = t.rejects(guest.console.run('true'), /the machine is gone/)
  await guest.nextRequest()
  guest.line.destroy()
  await refused
  await t.rejects(guest.console.run('true'), /the machine is gone/)
})

test('booted() waits for another boot, not for another shell', async (t) => {
  const guest = new FakeGuest()
  guest.say('negotiator-console boot-1\n')
  t.equal(await guest.console.booted(undefined), 'boot-1')
  const next = guest.console.booted('boot-1')
  guest.say('negotiator-console boot-1\nnegotiator-console boot-2\n')
  t.equal(await next, 'boot-2')
})
