import { test } from 'tap'
import type { IncomingCall } from '../call/call.js'
import { writeJsonLine } from '../call/json-lines.js'
import { settle } from '../fake-clock.js'
import { legacyErrorBytesMax } from './dialect-limits.js'
import type { StopCause } from '../session/serving-stream.js'
import type { Dialect } from './dialect.js'
import type { Exchange, Letter, LetterFault } from './exchange.js'
import { LegacyServer } from './legacy-server.js'

/** A protocol of the smallest kind: a line names a command or asks for help; the answer is a line, too. */
class LineExchange implements Exchange {
  readonly replies: string[] = []
  #receive: (letter: Letter) => void = () => undefined

  start(receive: (letter: Letter) => void): void {
    this.#receive = receive
  }

  reply(id: number, body: Buffer | undefined): void {
    this.replies.push(`${id} ${body?.toString()}`)
  }

  push(body: Buffer): boolean {
    this.replies.push(`- ${body.toString()}`)
    return true
  }

  lose(id: number, fault: LetterFault): void {
    this.#receive({ id, body: Buffer.alloc(0), fault })
  }

  ask(id: number, line: string): void {
    this.#receive({ id, body: Buffer.from(line) })
  }
}

const lineDialect: Dialect = {
  name: 'lines',
  parse: (body) => {
    const [command = '', ...args] = body.toString().split(' ')
    if (command === 'help') return { kind: 'answer', body: Buffer.from('help yourself') }
    if (command === 'list') return { kind: 'catalogue' }
    const request = { ask: 'run', command, args, hasStdin: true } as const
    return { kind: 'run', request, input: Buffer.from('input') }
  },
  render: (outcome) =>
    Buffer.from(
      outcome.kind === 'catalogue'
        ? outcome.names.join(' ')
        : `${outcome.ended.result.kind} ${outcome.ended.stdout.toString()}${outcome.ended.isCut ? '...' : ''}`,
    ),
}

interface Stage {
  readonly exchange: LineExchange
  readonly server: LegacyServer
  readonly calls: IncomingCall[]
}

function setStage(): Stage {
  const exchange = new LineExchange()
  const calls: IncomingCall[] = []
  const server = new LegacyServer({
    exchange,
    dialect: lineDialect,
    serve: (call) => void calls.push(call),
    outputBytesMax: 10,
  })
  return { exchange, server, calls }
}

test('a request becomes a call, its input is there, and its end becomes the answer', async (t) => {
  const { exchange, server, calls } = setStage()
  exchange.ask(7, 'greet world')
  const [call] = calls
  t.same(call?.request, { ask: 'run', command: 'greet', args: ['world'], hasStdin: true })
  t.equal(server.callCount, 1)
  let input = ''
  call?.stdin.receive({ bytes: (chunk) => (input += chunk.toString()), end: () => (input += '.') })
  t.equal(input, 'input.')
  t.equal(call?.stderr.write(Buffer.from('nobody sees this')), true)
  call?.stdout.write(Buffer.from('Hello '))
  call?.stdout.write(Buffer.from('you!'))
  call?.stdout.end()
  call?.finish({ kind: 'exited', code: 0 })
  await settle()
  t.same(exchange.replies, ['7 exited Hello you!'])
  t.equal(server.callCount, 0)
})

test('output beyond the limit is cut, and the dialect is told', async (t) => {
  const { exchange, calls } = setStage()
  exchange.ask(1, 'long')
  t.equal(calls[0]?.stdout.write(Buffer.from('0123456789')), true)
  t.equal(calls[0]?.stdout.write(Buffer.from('x')), true, 'its producer is not held up')
  calls[0]?.finish({ kind: 'exited', code: 0 })
  await settle()
  t.same(exchange.replies, ['1 exited 0123456789...'])
})

test('what a dialect answers itself, and the catalogue', async (t) => {
  const { exchange, calls } = setStage()
  exchange.ask(1, 'help')
  await settle()
  t.same(exchange.replies, ['1 help yourself'])
  t.equal(calls.length, 0)
})

test('the catalogue is asked of the same dispatcher, and left after its first line', async (t) => {
  const exchange = new LineExchange()
  const stops: StopCause[] = []
  const serve = (call: IncomingCall): void => {
    call.listen({
      stop: (cause) => {
        stops.push(cause)
        call.finish({ kind: 'cancelled', reason: '' })
      },
      signal: () => undefined,
    })
    writeJsonLine(call.stdout, {
      commands: [
        { name: 'a', kind: 'executable' },
        { name: 'b', kind: 'executable' },
      ],
    })
  }
  new LegacyServer({ exchange, dialect: lineDialect, serve, outputBytesMax: 1000 })
  exchange.ask(1, 'list')
  await settle()
  t.same(exchange.replies, ['1 a b'])
  t.same(stops, ['cancelled'])
})

test('close() ends the calls that run', async (t) => {
  const { exchange, server, calls } = setStage()
  exchange.ask(1, 'slow')
  exchange.ask(2, 'slower')
  const stops: StopCause[] = []
  calls[0]?.listen({ stop: (cause) => stops.push(cause), signal: () => undefined })
  server.close()
  calls[1]?.listen({ stop: (cause) => stops.push(cause), signal: () => undefined })
  server.close()
  t.same(stops, ['lost', 'lost'], 'each is told once, also when it listens late')
})

/** A server with what a test wants of the dialect; each of its commands greets and complains. */
function serverOf(dialect: Partial<Dialect>): { exchange: LineExchange; calls: IncomingCall[] } {
  const exchange = new LineExchange()
  const calls: IncomingCall[] = []
  const serve = (call: IncomingCall): void => {
    calls.push(call)
    call.stdout.write(Buffer.from(`${calls.length}`))
    call.stderr.write(Buffer.alloc(legacyErrorBytesMax + 1, 'e'))
    call.finish({ kind: 'exited', code: 0 })
  }
  const parse: Dialect['parse'] = () => ({ kind: 'answer', body: undefined })
  new LegacyServer({ exchange, dialect: { name: 'test', parse, ...dialect }, serve, outputBytesMax: 10 })
  return { exchange, calls }
}

test('a dialect makes several calls for one answer', async (t) => {
  const { exchange, calls } = serverOf({
    parse: () => ({
      kind: 'calls',
      answer: async (switchboard) => {
        const first = await switchboard.run({ command: 'one' })
        const second = await switchboard.run({
          command: 'two',
          args: ['x'],
          input: first.stdout,
          timeoutMs: 5,
        })
        return Buffer.from(`${second.stdout.toString()} ${second.stderr.length}`)
      },
    }),
  })
  exchange.ask(1, '')
  await settle()
  t.same(exchange.replies, [`1 2 ${legacyErrorBytesMax}`])
  t.match(calls[0]?.request, { ask: 'run', command: 'one', args: [], hasStdin: false })
  t.match(calls[1]?.request, { command: 'two', args: ['x'], hasStdin: true, timeoutMs: 5 })
  t.equal(calls[1]?.via, 'test', 'who looks at the audit log sees which way it came')
})

test('a dialect that fails harms its own answer only, and the log tells', async (t) => {
  const refuse: Dialect['refuse'] = (fault) => Buffer.from(`sorry: ${fault}`)
  const fail = (): never => {
    throw new Error('a bug')
  }
  const early = serverOf({ parse: fail, refuse })
  early.exchange.ask(1, '')
  const late = serverOf({ parse: () => ({ kind: 'calls', answer: async () => fail() }), refuse })
  late.exchange.ask(2, '')
  const twice = serverOf({ parse: fail, refuse: fail })
  twice.exchange.ask(3, '')
  await settle()
  t.same(early.exchange.replies, ['1 sorry: failed'])
  t.same(late.exchange.replies, ['2 sorry: failed'])
  t.same(twice.exchange.replies, ['3 undefined'], 'its letter is over all the same')
})

test('a letter without a body is answered in the words of the dialect', async (t) => {
  const { exchange } = serverOf({ refuse: (fault) => Buffer.from(fault) })
  exchange.lose(1, 'too-long')
  exchange.lose(2, 'too-many')
  await settle()
  t.same(exchange.replies, ['1 too-long', '2 too-many'])
})

test('a dialect says what nobody asked for', async (t) => {
  const { exchange } = serverOf({ start: (switchboard) => void switchboard.push(Buffer.from('hello')) })
  await settle()
  t.same(exchange.replies, ['- hello'])
})
