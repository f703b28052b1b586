/**
 * The place where Prometheus scrapes: one page over HTTP, on a UNIX socket or a loopback address.
 * Floor 8. It answers GET /metrics and nothing else, and takes nothing in.
 */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { MetricsAddress } from '../agent/metrics-address.js'
import { assertSocketPath } from '../channel/socket-channel.js'
import type { Clock } from '../clock.js'
import { clearPlace, firstUmask, letGroupIn } from '../control/socket-place.js'
import { sentenceOf, SystemError, systemCodeOf } from '../errors.js'
import { metricsConnectionsMax, metricsKeptMs, metricsPatienceMs } from '../limits.js'
import type { Log } from '../log.js'
import type { Exposition } from './exposition.js'

interface MetricsServerOptions {
  readonly address: MetricsAddress
  readonly exposition: Exposition
  readonly clock: Clock
  readonly log: Log
}

/** A server of metrics. */
export class MetricsServer {
  readonly #options: MetricsServerOptions
  readonly #server: Server
  /** The last text: whoever asks without pause must not keep the daemon busy. */
  #kept: { readonly madeMs: number; readonly text: Promise<string> } | undefined

  private constructor(options: MetricsServerOptions) {
    this.#options = options
    this.#server = createServer(
      {
        headersTimeout: metricsPatienceMs,
        requestTimeout: metricsPatienceMs,
        keepAliveTimeout: metricsPatienceMs,
      },
      (request, response) => void this.#answer(request, response),
    )
    this.#server.maxConnections = metricsConnectionsMax
  }

  /**
   * Listens; a socket that a dead daemon left behind is replaced.
   * @throws {SystemError} `metrics-failed`, `already-running`, `socket-path-too-long`
   */
  static async listen(options: MetricsServerOptions): Promise<MetricsServer> {
    const { address, log } = options
    const server = new MetricsServer(options)
    if (address.kind === 'unix') {
      assertSocketPath(address.path)
      await clearPlace({ path: address.path, what: 'metrics socket' })
    }
    await server.#listen()
    if (address.kind === 'unix') await letGroupIn({ path: address.path, what: 'metrics socket', log })
    return server
  }

  /** The port that it has on a loopback address. */
  get port(): number | undefined {
    const place = this.#server.address()
    return place === null || typeof place === 'string' ? undefined : place.port
  }

  /** Stops listening, and ends what is under way. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }

  async #listen(): Promise<void> {
    const { address, log } = this.#options
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause) => reject(listenError(address, cause)))
      this.#server.on('error', ({ message }) => log.debug('The metrics server failed', { reason: message }))
      if (address.kind === 'tcp') return void this.#server.listen(address.port, address.host, resolve)
      // The mode must be right from the first instant, as that of the control socket.
      const umask = process.umask(firstUmask)
      try {
        this.#server.listen(address.path, resolve)
      } finally {
        process.umask(umask)
      }
    })
  }

  async #answer({ method, url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (method !== 'GET' && method !== 'HEAD') return refuse(response, 405)
    if (url.split('?')[0] !== '/metrics') return refuse(response, 404)
    try {
      const text = await this.#text()
      response.writeHead(200, { 'content-type': this.#options.exposition.contentType }).end(text)
    } catch (error) {
      this.#options.log.error('Cannot read the metrics', { reason: sentenceOf(error) })
      refuse(response, 500)
    }
  }

  async #text(): Promise<string> {
    const { clock, exposition } = this.#options
    const nowMs = clock.now()
    if (this.#kept === undefined || nowMs - this.#kept.madeMs >= metricsKeptMs)
      this.#kept = { madeMs: nowMs, text: exposition.text() }
    return await this.#kept.text
  }
}

const refusals = {
  404: 'there is only /metrics here\n',
  405: 'metrics are only to be read\n',
  500: 'the metrics cannot be read; the daemon has logged why\n',
} as const

function refuse(response: ServerResponse, status: keyof typeof refusals): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(refusals[status])
}

function listenError(address: MetricsAddress, cause: unknown): SystemError {
  const place = address.kind === 'unix' ? address.path : `${address.host}:${address.port}`
  const code = systemCodeOf(cause)
  const why =
    code === 'EADDRINUSE'
      ? 'another program has it; choose another with "metrics-listen"'
      : code === 'EACCES'
        ? 'permission denied; choose another place with "metrics-listen"'
        : (code ?? 'unknown error')
  return new SystemError(`Cannot offer the metrics on "${place}": ${why}`, { code: 'metrics-failed', cause })
}
