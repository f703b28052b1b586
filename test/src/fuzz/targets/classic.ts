/**
 * python-negotiator's protocol, both sides: messages out of bytes, requests to a server, answers to a caller.
 */
import {
  ClassicCaller,
  classicDialect,
  ClassicExchange,
  FakeClock,
  LegacyServer,
  MessageReader,
} from '@negotiator/common/testing'
import { silentLog } from '@negotiator/common'
import { byteByByte, holds, inPieces, same } from '../target.js'
import type { Target } from '../target.js'

const tokens = [
  '{"success": false, "error": "Method negotiator-open not supported"}',
  '67\n{"success": false, "error": "Method negotiator-open not supported"}',
  '49\n{"args": [], "method": "list_commands", "kw": {}}',
  '"method": "execute"',
  '"kw": {"input": "x"}',
  '\n70\n{',
]

const byteByByteMax = 4_096

export const classicReaderTarget: Target = {
  name: 'classic-reader',
  promise: 'never throws, tells objects that came, and the same ones however the bytes are cut',
  grammar: 'json',
  tokens,
  check: (input) => {
    const whole = read([input])
    for (const body of whole) holds(input.includes(body, 0, 'latin1'), 'it tells a message that did not come')
    const cuts = [inPieces(input), ...(input.length <= byteByByteMax ? [byteByByte(input)] : [])]
    for (const chunks of cuts) same(read(chunks), whole, 'cut and whole differ')
  },
}

function read(chunks: readonly Buffer[]): readonly string[] {
  const bodies: string[] = []
  const reader = new MessageReader((message, body) => {
    holds(typeof message === 'object', 'it tells what is no object')
    bodies.push(body.toString('latin1'))
  })
  for (const chunk of chunks) reader.push(Buffer.from(chunk))
  return bodies
}

export const classicServerTarget: Target = {
  name: 'classic-server',
  promise: 'never throws, and answers each request with exactly one message',
  grammar: 'json',
  tokens,
  check: async (input) => {
    const clock = new FakeClock()
    const answers: Buffer[] = []
    let requestCount = 0
    const exchange = new ClassicExchange({
      clock,
      send: (bytes) => answers.push(bytes) > 0,
      onRequest: () => (requestCount += 1),
    })
    const server = new LegacyServer({
      exchange,
      dialect: classicDialect,
      outputBytesMax: 1024,
      serve: (call) => {
        call.listen({ stop: () => call.finish({ kind: 'cancelled', reason: 'x' }), signal: () => undefined })
        if (call.request.ask === 'commands') call.stdout.write(Buffer.from('{"commands":[]}\n'))
        if (call.request.ask === 'run') call.stdout.write(Buffer.from(call.request.args.join(' ')))
        call.finish({ kind: 'exited', code: 0 })
      },
    })
    exchange.take(input)
    for (let turn = 0; turn < 20 + 10 * requestCount; turn += 1) await Promise.resolve()
    holds(answers.length <= requestCount, 'it answers what was not asked')
    holds(requestCount > 256 || answers.length === requestCount, 'it does not answer')
    holds(server.callCount === 0, 'a call is left')
    for (const answer of answers) holds(read([answer]).length === 1, 'an answer is no message')
  },
}

export const classicCallerTarget: Target = {
  name: 'classic-caller',
  promise: 'never throws, and ends each call exactly once',
  grammar: 'json',
  tokens,
  check: async (input) => {
    const clock = new FakeClock()
    const sent: Buffer[] = []
    const caller = new ClassicCaller({
      clock,
      peer: 'old',
      log: silentLog,
      send: (bytes) => void sent.push(bytes),
      knock: () => undefined,
      onChange: () => undefined,
    })
    caller.push(Buffer.from('67\n{"success": false, "error": "Method negotiator-open not supported"}'))
    holds(caller.isThere, 'it is not there')
    let endCount = 0
    const ended = (): void => void (endCount += 1)
    const call = caller.open({ ask: 'run', command: 'hello', args: [], hasStdin: false })
    call.stdout.discard()
    void call.result.then(ended)
    void caller.commands().then(ended, ended)
    // The token that it waits for is random: the input has a word in its place.
    for (const piece of input.toString('latin1').split('TOKEN')) {
      caller.push(Buffer.from(piece, 'latin1'))
      const token = /negotiator-sync-[0-9a-f]+/.exec(sent.at(-1)?.toString() ?? '')?.[0] ?? ''
      const refusal = `{"success": false, "error": "Method ${token} not supported"}`
      caller.push(Buffer.from(`${refusal.length}\n${refusal}`))
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
    }
    caller.close('the end')
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
    holds(endCount === 2, `${endCount} of 2 errands have ended`)
    holds(clock.timerCount === 0, 'a timer is left')
    holds(caller.callCount === 0, 'a call is left')
  },
}
