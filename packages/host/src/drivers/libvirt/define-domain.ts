/**
 * Lets libvirt have a domain for a managed guest.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SystemError } from '@negotiator/common'
import type { Clock } from '@negotiator/common'
import type { GuestDefinition } from '../../managed/definition.js'
import { managedDomainXml } from './managed-domain.js'
import { askVirsh } from './virsh.js'

interface DefineNeeds {
  readonly uri: string
  readonly clock: Clock
  readonly signal: AbortSignal
  /** The program `virsh`; tests give their own. */
  readonly program?: string | undefined
}

/** @throws {SystemError} `machine-start-failed`, with libvirt's words */
export async function defineDomain(definition: GuestDefinition, needs: DefineNeeds): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'negotiator-'))
  try {
    const file = join(folder, 'domain.xml')
    const isKvm = await hasKvm(needs)
    const xml = managedDomainXml(definition, { isKvm, processor: process.arch })
    await writeFile(file, xml, { mode: 0o600 })
    const { complaint } = await askVirsh({ ...needs, commands: [`define '${file}'`] })
    if (complaint !== '')
      throw new SystemError(`Cannot start the guest "${definition.name}": ${withoutPath(complaint)}`, {
        code: 'machine-start-failed',
      })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** libvirt knows whether its machines can have KVM: it looks at QEMU and at the device. */
async function hasKvm(needs: DefineNeeds): Promise<boolean> {
  const { outputs } = await askVirsh({ ...needs, commands: ['domcapabilities --virttype kvm'] })
  return outputs[0]?.includes('<domain>kvm</domain>') === true
}

/** What virsh says first names a file that nobody knows of. */
function withoutPath(complaint: string): string {
  return complaint.replace(/^Failed to define domain from [^:]*: /, '')
}
