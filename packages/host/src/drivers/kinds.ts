/**
 * The kinds of driver that there are, and which of them a configuration means.
 */
import { didYouMean, UsageError } from '@negotiator/common'
import { fakeKind } from './fake/fake-kind.js'
import { folderKind } from './folder/folder-kind.js'
import type { DriverKind, DriverSpec } from './kind.js'
import { libvirtKind } from './libvirt/libvirt-kind.js'
import { loadModuleKind, modulePathOf } from './module-kind.js'
import { qemuKind } from './qemu/qemu-kind.js'

/** Those that come with the program. */
export const shippedKinds: readonly DriverKind[] = [libvirtKind, qemuKind, folderKind, fakeKind]

/** What the configuration may ask for. */
const known = ['auto', ...shippedKinds.flatMap(({ forms }) => forms), '/PATH/OF/A/MODULE.mjs']

/** Reads what is written in the configuration. */
export function specOf(name: string): DriverSpec & { readonly kind: string } {
  const [kind = '', detail] = name.split(/:(.*)/s)
  return { name, kind, detail }
}

/**
 * The kind that is meant, checked.
 * @param name as the configuration writes it
 * @throws {UsageError} `unknown-driver`, listing the known ones; `bad-driver` when one lacks what it needs;
 *   {@link SystemError} as `loadModuleKind` does
 */
export async function kindOf(name: string): Promise<DriverKind> {
  const spec = specOf(name)
  const path = modulePathOf(spec)
  if (path !== undefined) return await loadModuleKind(spec, path)
  const kind = shippedKinds.find((shipped) => shipped.name === spec.kind)
  if (kind === undefined || (spec.detail !== undefined && !takesDetail(kind))) throw unknownDriver(spec)
  kind.check?.(spec)
  return kind
}

function takesDetail({ forms }: DriverKind): boolean {
  return forms.some((form) => form.includes(':'))
}

function unknownDriver({ name, kind }: { name: string; kind: string }): UsageError {
  const hint = didYouMean(kind, ['auto', ...shippedKinds.map((shipped) => shipped.name)])
  return new UsageError(`Cannot use the driver "${name}": the known ones are ${known.join(', ')}${hint}`, {
    code: 'unknown-driver',
  })
}
