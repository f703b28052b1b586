import { test } from 'tap'
import type { IncomingCall } from '../call/call.js'
import { writeJsonLine } from '../call/json-lines.js'
import { settle } from '../fake-clock.js'
import type { StopCause } from '../session/serving-stream.js'
import type { Dialect } from './dialect.js'
import type { Exchange, Letter } from './exchange.js'
import { LegacyServer } from './legacy-server.js'

/** A protocol of the smallest kind: a line names a command or asks for help; the answer is a line, too. */
class LineExchange implements Exchange {
  readonly replies: string[] = []
  #receive: (letter: Letter) => void = () => undefined

  start(receive: (letter: Letter) => void): void {
    this.#receive = receive
  }

  reply(id: number, body: Buffer): void {
    this.replies.push(`${id} ${body.toString()}`)
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
