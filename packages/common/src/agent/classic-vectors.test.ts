// The old wire byte for byte: what a python-negotiator program writes, and what it must read.
import { test } from 'tap'
import type { PairedChannel } from '../channel/paired-channels.js'
import { FakeClock, settle } from '../fake-clock.js'
import { classicBlockBytes } from '../limits.js'
import { classicAskMs } from '../dialects/dialect-limits.js'
import { writeCommand } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import { cut } from '../wire/decoded.js'
import type { Side } from './paths.js'
import { testAgent } from './test-agents.js'
import { channelCable, plugIn, testLink } from './test-links.js'

/** Each request with its answer, as python-negotiator 0.12.2 under Python 2.7 writes them. */
const vectors: readonly (readonly [request: string, answer: string])[] = [
  [
    '70\n{"args": ["hello", "w"], "method": "execute", "kw": {"capture": true}}',
    '38\n{"result": "hello w", "success": true}',
  ],
  ['55\n{"args": [], "method": "prepare_environment", "kw": {}}', '33\n{"result": null, "success": true}'],
  [
    '42\n{"args": [], "method": "nosuch", "kw": {}}',
    '58\n{"success": false, "error": "Method nosuch not supported"}',
  ],
  [
    '96\n{"args": ["hello", "gr\\u00fc\\u00df \\ud83d\\ude00"], "method": "execute", "kw": {"capture": true}}',
    '64\n{"result": "hello gr\\u00fc\\u00df \\ud83d\\ude00", "success": true}',
  ],
  // Any JSON and any UTF-8 is taken, with blanks around the count.
  [
    ' 50 \r\n{"method":"execute","args":["hello","grüß"]}\n\t  ',
    '51\n{"result": "hello gr\\u00fc\\u00df", "success": true}',
  ],
]

/** The other end of one of our daemon's channels, as bytes. */
class RawEnd {
  readonly #channel: PairedChannel
  heard: Buffer = Buffer.alloc(0)

  constructor(channel: PairedChannel) {
    this.#channel = channel
    channel.start({
      bytes: (chunk) => (this.heard = Buffer.concat([this.heard, chunk])),
      drained: () => undefined,
      closed: () => undefined,
    })
  }

  write(bytes: Buffer): void {
    this.#channel.write(bytes)
  }

  /** The next bytes, as many as are wanted. */
  async next(byteCount: number): Promise<string> {
    while (this.heard.length < byteCount) await new Promise((resolve) => setImmediate(resolve))
    const taken = this.heard.toString('utf8', 0, byteCount)
    this.heard = this.heard.subarray(byteCount)
    return taken
  }
}

async function servingEnd(t: Teardown, side: Side): Promise<RawEnd> {
  const { agent, folder } = await testAgent(t, { side })
  writeCommand({ folder, name: 'hello', script: 'echo "hello $1"' })
  const cable = channelCable()
  const link = agent.addPeer({ name: 'peer', caller: { kind: 'host' } })
  t.teardown(plugIn(link, { cable, end: side }))
  return new RawEnd(side === 'host' ? cable.guestToHost.right : cable.hostToGuest.left)
}

const garbage = Buffer.from('login: \n12\n{"args": ["he70\n{"args": ["hello", "w"], "meth\n')

for (const [side, channel] of [
  ['host', 'guest-to-host'],
  ['guest', 'host-to-guest'],
] as const) {
  test(`the ${side} answers on ${channel} in the very bytes of the old daemon`, async (t) => {
    const end = await servingEnd(t, side)
    const pieces: Record<string, (request: Buffer) => readonly Buffer[]> = {
      whole: (request) => [request],
      'byte by byte': (request) => cut(request, 1),
      'behind garbage': (request) => [Buffer.concat([garbage, request])],
      'behind its own beginning': (request) => [request.subarray(0, 30), Buffer.from('"\n'), request],
    }
    for (const [how, cutUp] of Object.entries(pieces)) {
      for (const [request, answer] of vectors) {
        for (const piece of cutUp(Buffer.from(request))) end.write(piece)
        t.equal(await end.next(Buffer.byteLength(answer)), answer, `${how}: ${request.slice(0, 60)}`)
      }
    }
    await settle()
    t.equal(end.heard.length, 0, 'and nothing else')
  })
}

for (const [side, channel] of [
  ['host', 'host-to-guest'],
  ['guest', 'guest-to-host'],
] as const) {
  test(`the ${side} calls on ${channel} in bytes that the old daemon reads`, async (t) => {
    const clock = new FakeClock()
    const cable = channelCable()
    const link = testLink({ name: 'peer', clock })
    t.teardown(plugIn(link, { cable, end: side }))
    const end = new RawEnd(side === 'host' ? cable.hostToGuest.right : cable.guestToHost.left)
    await settle()
    t.match(await end.next(classicBlockBytes), /^ 4090\n\{"method": "negotiator-open", .*\}$/)
    t.equal(end.heard.length, 0)
    end.write(Buffer.from('67\n{"success": false, "error": "Method negotiator-open not supported"}'))
    const sync = async (): Promise<void> => {
      const asked = await end.next(classicBlockBytes)
      const token = /^4091\n\{"method": "(negotiator-sync-[0-9a-f]{16})", "args": \[\], "kw": \{\}\} *$/.exec(
        asked,
      )?.[1]
      t.ok(token, asked)
      end.write(Buffer.from(`84\n{"success": false, "error": "Method ${token} not supported"}`))
    }
    await sync()
    const list = '4091\n{"method": "list_commands", "args": [], "kw": {}}'
    t.equal(await end.next(classicBlockBytes), list.padEnd(classicBlockBytes))
    end.write(Buffer.from('38\n{"result": ["hello"], "success": true}'))
    await settle()
    t.same([link.state, link.commands], ['classic', [{ name: 'hello', kind: 'executable' }]])

    const call = link.open({ ask: 'run', command: 'hello', args: ['grüß'], hasStdin: false })
    await sync()
    const request =
      '4091\n{"method": "execute", "args": ["hello", "gr\\u00fc\\u00df"], "kw": {"capture": true, "input": null}}'
    t.equal(await end.next(classicBlockBytes), request.padEnd(classicBlockBytes))
    const answer = Buffer.from('51\n{"result": "hello gr\\u00fc\\u00df", "success": true}')
    for (const byte of cut(Buffer.concat([garbage, answer]), 1)) end.write(byte)
    t.same(await call.result, { kind: 'exited', code: 0 })
    await clock.advance(classicAskMs)
    t.equal(end.heard.length, 0, 'it is left in peace while nothing is asked of it')
  })
}
