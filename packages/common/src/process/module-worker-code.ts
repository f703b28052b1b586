/**
 * The program of a worker: loads modules, runs a module's function for each call, carries bytes both ways.
 * Floor 4. A text, for it must be found wherever the daemon runs: from a folder of files, a bundle or a single executable.
 * It imports nothing but Node's own, and knows the daemon by its messages alone (module-messages.ts).
 */

/** Evaluated as CommonJS with `workerData` of ModuleWorkerSettings. */
export const moduleWorkerCode: string = String.raw`'use strict'
const { parentPort, workerData } = require('node:worker_threads')
const { windowBytes, chunkBytes, messageBytes } = workerData
const calls = new Map()

const post = (message, transfer) => parentPort.postMessage(message, transfer)
const detailOf = (error) => (error instanceof Error ? String(error.stack) : typeof error)
const sentenceOf = (error) => (error instanceof Error ? error.message : typeof error === 'string' ? error : 'it threw what is no Error')

function bytesOf(content) {
  if (typeof content === 'string') return new TextEncoder().encode(content)
  // A copy, for the module may use its buffer again.
  if (content instanceof Uint8Array) return new Uint8Array(content)
  throw new TypeError('Cannot write: wanted a text or a Uint8Array, got ' + typeof content)
}

/** An output: what is written waits until the reader has taken enough of what was written before. */
class Output {
  constructor(call, name) {
    this.call = call
    this.name = name
    this.onWayBytes = 0
    this.last = Promise.resolve()
    this.wake = () => undefined
  }

  write(content) {
    const bytes = bytesOf(content)
    const written = this.last.then(() => this.send(bytes))
    this.last = written.catch(() => undefined)
    return written
  }

  async send(bytes) {
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      while (this.onWayBytes >= windowBytes) {
        this.call.signal.throwIfAborted()
        await new Promise((resolve) => (this.wake = resolve))
      }
      const chunk = bytes.slice(at, at + chunkBytes)
      this.onWayBytes += chunk.length + messageBytes
      post({ kind: 'output', id: this.call.id, output: this.name, bytes: chunk }, [chunk.buffer])
    }
  }

  taken(byteCount) {
    this.onWayBytes -= byteCount + messageBytes
    this.wake()
  }
}

/** Standard input, chunk by chunk; one reader. */
class Input {
  constructor(call, hasStdin) {
    this.call = call
    this.chunks = []
    this.isEnded = !hasStdin
    this.isDropped = false
    this.wake = () => undefined
  }

  add(bytes) {
    this.chunks.push(bytes)
    if (this.isDropped) this.drop()
    this.wake()
  }

  end() {
    this.isEnded = true
    this.wake()
  }

  drop() {
    this.isDropped = true
    while (this.chunks.length > 0) this.take()
  }

  take() {
    const bytes = this.chunks.shift()
    post({ kind: 'taken', id: this.call.id, byteCount: bytes.length })
    return bytes
  }

  async next() {
    while (this.chunks.length === 0) {
      if (this.isEnded || this.isDropped) return { done: true, value: undefined }
      this.call.signal.throwIfAborted()
      await new Promise((resolve) => (this.wake = resolve))
    }
    return { done: false, value: this.take() }
  }

  async return() {
    this.drop()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator]() {
    return this
  }
}

class Call {
  constructor({ id, url, facts, hasStdin }) {
    this.id = id
    this.url = url
    this.facts = facts
    this.controller = new AbortController()
    this.signal = this.controller.signal
    this.stdin = new Input(this, hasStdin)
    this.stdout = new Output(this, 'stdout')
    this.stderr = new Output(this, 'stderr')
  }

  abort() {
    this.controller.abort(new Error('the call was ended'))
    for (const lane of [this.stdin, this.stdout, this.stderr]) lane.wake()
  }

  async run() {
    const { code, isAborted } = await this.outcome()
    await Promise.all([this.stdout.last, this.stderr.last])
    calls.delete(this.id)
    post({ kind: 'ended', id: this.id, code, isAborted })
  }

  async outcome() {
    try {
      const command = await load(this.url)
      this.signal.throwIfAborted()
      return { code: await this.codeOf(await command(this.face())), isAborted: false }
    } catch (error) {
      if (this.signal.aborted) return { code: 70, isAborted: true }
      post({ kind: 'threw', url: this.url, detail: detailOf(error) })
      return { code: this.complain(sentenceOf(error)), isAborted: false }
    }
  }

  /** What the module's function is given. */
  face() {
    return {
      ...this.facts,
      stdin: this.stdin,
      signal: this.signal,
      write: (content) => this.stdout.write(content),
      writeError: (content) => this.stderr.write(content),
    }
  }

  async codeOf(value) {
    if (value === undefined) return 0
    if (Number.isInteger(value) && value >= 0 && value <= 255) return value
    if (typeof value === 'number')
      return this.complain('its module returned ' + value + ', and an exit status is 0 to 255')
    if (typeof value !== 'string' && !(value instanceof Uint8Array))
      return this.complain('its module may return an exit status, a text, bytes or nothing, and returned another thing')
    await this.stdout.write(value)
    return 0
  }

  complain(sentence) {
    // A reader that has left need not hear it.
    this.stderr.write(this.facts.command + ': ' + sentence + '\n').catch(() => undefined)
    return 70
  }
}

const modules = new Map()

/** A module's function; the same promise for all its calls. */
function load(url) {
  if (!modules.has(url)) modules.set(url, loadFirst(url))
  return modules.get(url)
}

function loadFirst(url) {
  const noFunction = 'its file exports no function as its default'
  const loading = import(url).then((module) => {
    if (typeof module.default === 'function') return module.default
    throw new Error(noFunction)
  })
  loading.then(
    () => post({ kind: 'loaded', url }),
    (error) => {
      const isOurs = sentenceOf(error) === noFunction
      const reason = isOurs ? noFunction : "its module cannot be loaded; the daemon's log says why"
      post({ kind: 'not-loaded', url, reason, detail: detailOf(error) })
    },
  )
  return loading
}

parentPort.on('message', (message) => {
  if (message.kind === 'call') {
    const call = new Call(message)
    calls.set(call.id, call)
    void call.run()
    return
  }
  const call = calls.get(message.id)
  if (call === undefined) return
  switch (message.kind) {
    case 'stdin':
      return call.stdin.add(message.bytes)
    case 'stdin-end':
      return call.stdin.end()
    case 'taken':
      return call[message.output].taken(message.byteCount)
    case 'abort':
      return call.abort()
  }
})
`
