/**
 * A guest's OpenStack agent as its host sees it: the calls of the old dom0 plug-in, to any agent that knows them.
 * Floor 6. A call is repeated after a reboot only where twice is as good as once.
 */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../../clock.js'
import { UsageError } from '../../errors.js'
import { openStackCallMs, openStackNetworkMs, openStackRebootMs, openStackUpdateMs } from '../xen-limits.js'
import type { JsonValue } from '../python-json.js'
import type { Store } from '../xenstore/store.js'
import { AgentError, isTrouble } from './agent-error.js'
import { askAgent } from './agent-question.js'
import type { AgentAnswer } from './agent-question.js'
import type { AgentPackage } from './agent-package.js'
import type { InjectedFile } from './injected-file.js'
import { encryptOld, OldKeyPair } from './old-key-exchange.js'
import { domainOf, nextDomain } from './xen-domain.js'
import type { XenDomain } from './xen-domain.js'

interface AgentOptions {
  readonly store: Store
  /** A number, a name or a uuid. After a reboot it is found again by its name or its uuid only. */
  readonly domain: string
  readonly clock: Clock
  /** How long an answer is waited for, instead of what each call has for itself. */
  readonly timeoutMs?: number | undefined
}

/** A call, and whether twice is as good as once. */
interface AgentCall {
  readonly name: string
  readonly value: JsonValue
  readonly isIdempotent?: boolean
  readonly timeoutMs?: number
}

const hostKeyBytes = 10

/**
 * One guest's agent.
 *
 * Every call throws {@link AgentError}: `TIMEOUT`, `REBOOT`, `NOT IMPLEMENTED`, `FAILED`; {@link UsageError} `no-such-domain`,
 * `request-too-long`; and what the store throws.
 */
export class OpenStackAgent {
  readonly #options: AgentOptions

  constructor(options: AgentOptions) {
    this.#options = options
  }

  /** Its version; asked again and again until an agent is there, 300 s unless told otherwise. */
  async version(): Promise<string> {
    const { clock, timeoutMs = openStackUpdateMs } = this.#options
    const endMs = clock.now() + timeoutMs
    for (;;) {
      const leftMs = endMs - clock.now()
      try {
        const call = { name: 'version', value: 'agent', isIdempotent: true } as const
        return await this.#succeed({ ...call, timeoutMs: Math.min(leftMs, openStackCallMs) })
      } catch (error) {
        if (!isTrouble(error, 'TIMEOUT')) throw error
        if (clock.now() >= endMs) throw this.#neverThere(timeoutMs)
      }
    }
  }

  /** The names of the calls that it knows; an agent that knows not this one knows none. */
  async features(): Promise<readonly string[]> {
    const answer = await this.#ask({ name: 'features', value: '', isIdempotent: true })
    return answer.returncode === '0' ? answer.message.split(',').filter((name) => name !== '') : []
  }

  /** Sets root's password over the old key exchange: whoever can read XenStore meanwhile can have it. */
  async setPassword(password: string): Promise<void> {
    const pair = new OldKeyPair(BigInt(`0x${randomBytes(hostKeyBytes).toString('hex')}`))
    const call = { name: 'keyinit', value: pair.publicKey, isIdempotent: true } as const
    const secret = pair.secretWith((await this.#succeed(call, 'D0')).trim())
    if (secret === undefined) throw new AgentError('FAILED', 'the agent has sent no key that could be used')
    // Old agents need the newline.
    await this.#succeed({ name: 'password', value: encryptOld(`${password}\n`, secret).toString('base64') })
  }

  /** Writes a file, in whichever of the two ways the agent knows. */
  async injectFile({ path, content }: InjectedFile): Promise<void> {
    const known = await this.#knowing('file_inject', 'injectfile')
    if (known === 'file_inject') {
      const value = { b64_path: base64(path), b64_file: content.toString('base64') }
      return void (await this.#succeed({ name: known, value }))
    }
    if (path.includes(','))
      throw new UsageError(
        `Cannot inject "${path}": this agent takes path and content in one, with a comma between; choose a path without one`,
        { code: 'bad-path' },
      )
    const value = Buffer.concat([Buffer.from(`${path},`), content]).toString('base64')
    await this.#succeed({ name: known, value })
  }

  /** Lets it set up the network from the records in `vm-data`. */
  async resetNetwork(): Promise<void> {
    const name = await this.#knowing('resetnetwork')
    await this.#succeed({ name, value: '', timeoutMs: this.#options.timeoutMs ?? openStackNetworkMs })
  }

  /** Lets it update itself. */
  async update({ url, md5 = '' }: AgentPackage): Promise<void> {
    const name = await this.#knowing('agentupdate')
    const timeoutMs = this.#options.timeoutMs ?? openStackUpdateMs
    await this.#succeed({ name, value: `${url},${md5}`, timeoutMs })
  }

  /** @returns the first of these names that the agent knows */
  async #knowing(first: string, ...others: readonly string[]): Promise<string> {
    const [wanted, features] = [[first, ...others], await this.features()]
    const known = wanted.find((name) => features.includes(name))
    if (known !== undefined) return known
    const there = features.length === 0 ? 'nothing that it tells' : features.join(', ')
    throw new AgentError('NOT IMPLEMENTED', `the agent does not know "${first}"; it knows ${there}`)
  }

  /** @returns the message */
  async #succeed(call: AgentCall, success: string = '0'): Promise<string> {
    const { returncode, message } = await this.#ask(call)
    if (returncode === success) return message
    throw new AgentError(
      'FAILED',
      `the agent has answered "${call.name}" with ${returncode || 'no code'}: ${message}`,
    )
  }

  async #ask(call: AgentCall): Promise<AgentAnswer> {
    const { store, domain: wanted, clock } = this.#options
    const domain = await domainOf(store, wanted)
    try {
      return await this.#askIn(domain, call)
    } catch (error) {
      if (call.isIdempotent !== true || !isTrouble(error, 'REBOOT')) throw error
      const next = await nextDomain(store, { wanted, last: domain, timeoutMs: openStackRebootMs, clock })
      if (next === undefined) throw error
      return await this.#askIn(next, call)
    }
  }

  async #askIn(domain: XenDomain, { name, value, timeoutMs }: AgentCall): Promise<AgentAnswer> {
    const { store, clock, timeoutMs: wantedMs = openStackCallMs } = this.#options
    return await askAgent(store, { domain, name, value, timeoutMs: timeoutMs ?? wantedMs, clock })
  }

  #neverThere(timeoutMs: number): AgentError {
    return new AgentError(
      'TIMEOUT',
      `no agent of "${this.#options.domain}" has answered within ${timeoutMs / 1000} s; ` +
        'is nova-agent running there, or negotiator-guest with its openstack dialect?',
    )
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
