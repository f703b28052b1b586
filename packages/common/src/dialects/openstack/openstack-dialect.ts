/**
 * The dialect of OpenStack's guest agents: eight commands with old names, each of which comes to a call of one of ours.
 * Floor 6. Whatever it is asked has one answer. A name that is not on the list is refused, never looked up.
 */
import { PeerError } from '../../errors.js'
import { openStackCallMs, openStackUpdateMs } from '../xen-limits.js'
import { version as ownVersion } from '../../version.js'
import type { Dialect, LegacyRequest, Switchboard, WantedCall } from '../dialect.js'
import type { LetterFault } from '../exchange.js'
import { downloadOverHttp, fetchPackage, packageFrom } from './agent-package.js'
import type { Download } from './agent-package.js'
import { answerOfEnd, done, encodeAnswer, failed } from './answer.js'
import type { OpenStackAnswer } from './answer.js'
import { applyNetwork, networkInput } from './apply-network.js'
import { base64In } from './base64.js'
import { fileFromFileInject, fileFromInjectfile } from './injected-file.js'
import type { InjectedFile } from './injected-file.js'
import { decryptOld, OldKeyPair } from './old-key-exchange.js'
import { readRequest } from './request.js'

/** What a guest's administrator chooses. */
export interface OpenStackOptions {
  /** Whether passwords are taken over the old key exchange, which hides them from nobody. */
  readonly hasOldKeyExchange?: boolean | undefined
  /** What `version` answers; ours unless told. Hosts compare it with the newest agent that they know, and want to update an older one. */
  readonly version?: string | undefined
  /** Brings the package that `agentupdate` names; over HTTP unless told. */
  readonly download?: Download | undefined
  /** Our half of an old key exchange; random unless a test knows better. */
  readonly makeKeyPair?: (() => OldKeyPair) | undefined
}

/** Opens the dialect for one exchange. */
export function openOpenStackDialect(options: OpenStackOptions = {}): Dialect {
  return new OpenStackDialect(options)
}

/** What is asked for, and who can be called for it. */
interface Asked {
  readonly value: unknown
  readonly switchboard: Switchboard
}

/** The commands of ours that the old ones come to. */
const ours = {
  password: 'set-password',
  file: 'file-put',
  update: 'self-update',
  network: 'apply-network',
  kms: 'kms-activate',
} as const

const noPasswords =
  'Passwords are not taken over this key exchange, for whoever listens can read them; call set-password over negotiator, ' +
  "or set old-key-exchange = true in the guest's configuration"

class OpenStackDialect implements Dialect {
  readonly name = 'openstack'
  readonly #options: OpenStackOptions
  /** What the last `keyinit` has come to, for one password. */
  #secret: string | undefined

  constructor(options: OpenStackOptions) {
    this.#options = options
  }

  parse(body: Buffer): LegacyRequest {
    const request = readRequest(body)
    if (typeof request === 'string') return { kind: 'answer', body: encodeAnswer(failed(request)) }
    const { name, value } = request
    return {
      kind: 'calls',
      answer: async (switchboard) => encodeAnswer(await this.#answer(name, { value, switchboard })),
    }
  }

  refuse(fault: LetterFault | 'failed'): Buffer {
    return encodeAnswer(failed(faults[fault]))
  }

  async #answer(name: string, asked: Asked): Promise<OpenStackAnswer> {
    switch (name) {
      case 'version':
        return done(this.#options.version ?? ownVersion)
      case 'features':
        return done((await this.#features(asked.switchboard)).join(','))
      case 'keyinit':
        return this.#exchangeKeys(asked.value)
      case 'password':
        return await this.#setPassword(asked)
      case 'injectfile':
        return await putFile(fileFromInjectfile(asked.value), asked)
      case 'file_inject':
        return await putFile(fileFromFileInject(asked.value), asked)
      case 'agentupdate':
        return await this.#update(asked)
      case 'resetnetwork':
        return await withInput(
          async () => await networkInput(asked),
          async (input) => await applyNetwork(asked.switchboard, input),
        )
      case 'kmsactivate':
        return await activate(asked)
      default:
        return { returncode: '404', message: `No such agent command '${name.slice(0, 64)}'` }
    }
  }

  /** What would not be refused at once. A host takes the first way that is in the list, and no other. */
  async #features(switchboard: Switchboard): Promise<readonly string[]> {
    const there = new Set(await switchboard.catalogue())
    const having = (command: string, ...names: string[]): string[] => (there.has(command) ? names : [])
    return [
      'version',
      'features',
      ...(this.#options.hasOldKeyExchange === true ? having(ours.password, 'keyinit', 'password') : []),
      ...having(ours.file, 'injectfile', 'file_inject'),
      ...having(ours.update, 'agentupdate'),
      ...having(ours.network, 'resetnetwork'),
      ...having(ours.kms, 'kmsactivate'),
    ]
  }

  #exchangeKeys(value: unknown): OpenStackAnswer {
    this.#secret = undefined
    if (this.#options.hasOldKeyExchange !== true) return failed(noPasswords)
    const pair = this.#options.makeKeyPair?.() ?? new OldKeyPair()
    this.#secret = typeof value === 'string' ? pair.secretWith(value.trim()) : undefined
    if (this.#secret === undefined)
      return failed('Invalid public key: wanted a decimal number within the group')
    return { returncode: 'D0', message: pair.publicKey }
  }

  async #setPassword({ value, switchboard }: Asked): Promise<OpenStackAnswer> {
    if (this.#options.hasOldKeyExchange !== true) return failed(noPasswords)
    // Whatever comes of it: who may try again with the same key learns of each try.
    const secret = this.#secret
    this.#secret = undefined
    const bytes = base64In(value)
    if (bytes === undefined) return failed("Couldn't decode base64 data")
    if (secret === undefined) return failed('Password without key exchange')
    const password = decryptOld(bytes, secret)
    if (password === undefined) return failed('Invalid password data received')
    return await run(switchboard, {
      command: ours.password,
      args: ['root'],
      input: Buffer.from(`${password}\n`),
    })
  }

  async #update({ value, switchboard }: Asked): Promise<OpenStackAnswer> {
    const wanted = packageFrom(value)
    if (typeof wanted === 'string') return failed(wanted)
    // Nothing is fetched for whom it would not be installed for.
    if (!(await switchboard.catalogue()).includes(ours.update))
      return await run(switchboard, { command: ours.update })
    const { download = downloadOverHttp } = this.#options
    return await withInput(
      async () => await fetchPackage(wanted, download),
      async (input) => await run(switchboard, { command: ours.update, input, timeoutMs: openStackUpdateMs }),
    )
  }
}

const faults: Readonly<Record<LetterFault | 'failed', string>> = {
  'too-long': 'The request is too long',
  'too-many': 'Too many requests are waiting; ask again once they are answered',
  interrupted:
    'The agent was restarted before it had answered; what was asked for may have been done, or not',
  failed: 'The agent failed to answer; its log says why',
}

async function putFile(file: InjectedFile | string, { switchboard }: Asked): Promise<OpenStackAnswer> {
  if (typeof file === 'string') return failed(file)
  const args = ['--parents', '--backup', file.path]
  return await run(switchboard, { command: ours.file, args, input: file.content })
}

/** Its key is a secret, so all of it goes over standard input. */
async function activate({ value, switchboard }: Asked): Promise<OpenStackAnswer> {
  if (typeof value !== 'object' || value === null)
    return failed('Cannot activate: wanted an object with "activation_key", "profile" and "domains"')
  return await run(switchboard, { command: ours.kms, input: Buffer.from(JSON.stringify(value)) })
}

async function run(switchboard: Switchboard, wanted: WantedCall): Promise<OpenStackAnswer> {
  return answerOfEnd(wanted.command, await switchboard.run({ timeoutMs: openStackCallMs, ...wanted }))
}

/** What the host can mend is the answer; the rest is for the log. */
async function withInput(
  bring: () => Promise<Buffer>,
  use: (input: Buffer) => Promise<OpenStackAnswer>,
): Promise<OpenStackAnswer> {
  let input: Buffer
  try {
    input = await bring()
  } catch (error) {
    if (error instanceof PeerError) return failed(error.message)
    throw error
  }
  return await use(input)
}
