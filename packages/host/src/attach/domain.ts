/**
 * A domain of libvirt as `attach` and `detach` need it: found by what a person calls it, read as it is defined and as it
 * runs, changed by libvirt itself.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { didYouMean, parseDomainXml, parseUuid, SystemError, UsageError } from '@negotiator/common'
import type { Clock, DomainDescription } from '@negotiator/common'
import { askVirsh } from '../drivers/libvirt/virsh.js'

/** Which libvirt, and what a person calls the domain. */
export interface DomainQuestion {
  readonly uri: string
  readonly guest: string
  readonly clock: Clock
  readonly signal: AbortSignal
  /** The program `virsh`; tests give their own. */
  readonly program?: string | undefined
}

/** Its XML, as text and read. */
export interface DomainXml {
  readonly text: string
  readonly description: DomainDescription
}

/** What `virsh` calls the two: as the domain is started next, and as it runs. */
export type Scope = 'config' | 'live'

/** A domain as it was when it was found. */
export class Domain {
  readonly uuid: string
  readonly name: string
  readonly #question: DomainQuestion

  private constructor(question: DomainQuestion, { uuid, name }: { uuid: string; name: string }) {
    this.#question = question
    this.uuid = uuid
    this.name = name
  }

  /** @throws {UsageError} `unknown-guest`; {@link SystemError} as `askVirsh` does */
  static async find(question: DomainQuestion): Promise<Domain> {
    const { guest, uri } = question
    const { outputs } = await askVirsh({ ...question, commands: ['list --all --uuid --name'] })
    const domains = (outputs[0] ?? '').split('\n').flatMap((line) => {
      const uuid = parseUuid(line.slice(0, 36))
      return uuid === undefined ? [] : [{ uuid, name: line.slice(37) }]
    })
    // A name first: somebody may have named a domain as another's uuid.
    const found =
      domains.find(({ name }) => name === guest) ?? domains.find(({ uuid }) => uuid === parseUuid(guest))
    if (found !== undefined) return new Domain(question, found)
    const names = domains.map(({ name }) => name)
    const hint =
      didYouMean(guest, names) ||
      (names.length === 0 ? '; it has none at all' : '; `virsh list --all` lists them')
    throw new UsageError(`Cannot find "${guest}": libvirt at ${uri} has no such domain${hint}`, {
      code: 'unknown-guest',
    })
  }

  /** Its XML in both scopes; `undefined` where it has none, being transient or off. */
  async read(): Promise<Readonly<Record<Scope, DomainXml | undefined>>> {
    const commands = [
      'list --all --uuid --persistent',
      'list --uuid',
      `dumpxml --inactive ${this.uuid}`,
      `dumpxml ${this.uuid}`,
    ]
    const [persistent = '', active = '', config = '', live = ''] = await this.#ask(commands)
    return {
      config: persistent.includes(this.uuid) ? domainXml(config) : undefined,
      live: active.includes(this.uuid) ? domainXml(live) : undefined,
    }
  }

  /** Its definition with the passwords in it, without which it could not be defined again as it was. */
  async secretDefinition(): Promise<string> {
    const [text = ''] = await this.#ask([`dumpxml --inactive --security-info ${this.uuid}`])
    return text.trim()
  }

  /**
   * Lets libvirt add or take away a device.
   * @param change `element` is the device's XML
   * @throws {SystemError} `libvirt-refused` with libvirt's own words
   */
  async change({
    verb,
    element,
    scope,
  }: {
    verb: 'attach-device' | 'detach-device'
    element: string
    scope: Scope
  }): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'negotiator-'))
    try {
      const file = join(folder, 'device.xml')
      await writeFile(file, element)
      const { complaint } = await askVirsh({
        ...this.#question,
        commands: [`${verb} ${this.uuid} '${file}' --${scope}`],
      })
      if (complaint !== '')
        throw new SystemError(`Cannot change "${this.name}": ${withoutPath(complaint)}`, {
          code: 'libvirt-refused',
        })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  async #ask(commands: readonly string[]): Promise<readonly string[]> {
    return (await askVirsh({ ...this.#question, commands })).outputs
  }
}

function domainXml(text: string): DomainXml {
  return { text: text.trim(), description: parseDomainXml(text.trim()) }
}

/** What virsh says first names a file that nobody knows of. */
function withoutPath(complaint: string): string {
  return complaint.replace(/^Failed to (?:at|de)tach device from [^:]*: /, '')
}
