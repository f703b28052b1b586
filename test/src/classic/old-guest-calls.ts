/**
 * Runs in the guest: python-negotiator's guest program, called again and again. It opens the port for each call, and waits a
 * moment when another process holds it; here it is told at once.
 *
 * Usage: node old-guest-calls.js CALLS. Prints what came of them as JSON.
 */
import { bytesOf, OldPort } from './old-port.js'

const channel = 'negotiator-guest-to-host.0'
const list = { args: [], method: 'list_commands', kw: {} }

let [right, cutRequests, cutAnswers] = [0, 0, 0]
const wrong: unknown[] = []

for (let call = 0; call < Number(process.argv[2]); call += 1) {
  if (call % 10 === 3) leaveInRequest(call)
  else if (call % 10 === 7) leaveInAnswer()
  const [answer, wanted] = call % 20 === 0 ? execute(call) : [ask(list), undefined]
  const isRight =
    wanted === undefined
      ? isList(answer)
      : JSON.stringify(answer) === JSON.stringify({ result: wanted, success: true })
  if (isRight) right += 1
  else wrong.push({ call, answer })
}
console.log(JSON.stringify({ right, cutRequests, cutAnswers, wrong: wrong.slice(0, 5) }))

function execute(call: number): readonly [answer: unknown, wanted: string] {
  return [
    ask({ args: ['who-calls', `${call} é`], method: 'execute', kw: { capture: true } }),
    `web1 ${call} é`,
  ]
}

function ask(message: object): unknown {
  const port = new OldPort(channel)
  try {
    port.send(message)
    return port.receive()
  } finally {
    port.close()
  }
}

/** Killed while it wrote: the count line and a part of the rest. */
function leaveInRequest(call: number): void {
  const bytes = bytesOf(list)
  const port = new OldPort(channel)
  port.write(bytes.subarray(0, 3 + (call % (bytes.length - 3))))
  port.close()
  cutRequests += 1
}

/** Timed out just when the answer came. */
function leaveInAnswer(): void {
  const port = new OldPort(channel)
  port.send(list)
  port.receiveSomething()
  port.close()
  cutAnswers += 1
}

function isList(answer: unknown): boolean {
  const { success, result } = answer as { readonly success: boolean; readonly result: readonly string[] }
  return success && result.includes('who-calls')
}
