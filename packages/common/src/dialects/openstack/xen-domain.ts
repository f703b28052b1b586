/**
 * A guest as XenStore knows it: its number changes with each start, its name and uuid stay.
 * Floor 6.
 */
import { inTime } from '../../clock.js'
import type { Clock } from '../../clock.js'
import { UsageError } from '../../errors.js'
import type { Nodes, Store } from '../xenstore/store.js'

const domainsPath = '/local/domain'

/** A domain that is there now. */
export interface XenDomain {
  readonly name: string
  /** `/local/domain/7` */
  readonly path: string
}

/** @param wanted a number, a name or a uuid. @returns `undefined` when there is no such domain now */
export async function findDomain(store: Nodes, wanted: string): Promise<XenDomain | undefined> {
  const ids = (await store.list(domainsPath)) ?? []
  for (const id of ids.includes(wanted) ? [wanted] : ids) {
    const path = `${domainsPath}/${id}`
    const name = (await store.read(namePath(path)))?.toString()
    // What lies there without a name is what is left of a domain.
    if (name === undefined) continue
    if ([id, name].includes(wanted) || (await uuidOf(store, path)) === wanted.toLowerCase())
      return { name, path }
  }
  return undefined
}

/** Goes when the domain goes. */
export function namePath(domainPath: string): string {
  return `${domainPath}/name`
}

/** @throws {UsageError} `no-such-domain` */
export async function domainOf(store: Nodes, wanted: string): Promise<XenDomain> {
  const domain = await findDomain(store, wanted)
  if (domain !== undefined) return domain
  throw new UsageError(
    `Cannot find the domain "${wanted}" in XenStore: no domain that runs has this number, name or uuid; ` +
      '`xenstore-ls /local/domain` shows what there is',
    { code: 'no-such-domain' },
  )
}

/** Waits for a domain to be there again, with another number. @returns `undefined` when time was over first */
export async function nextDomain(
  store: Store,
  { wanted, last, timeoutMs, clock }: { wanted: string; last: XenDomain; timeoutMs: number; clock: Clock },
): Promise<XenDomain | undefined> {
  const watch = { stop: async (): Promise<void> => await Promise.resolve() }
  const found = new Promise<XenDomain>((resolve, reject) => {
    const look = async (): Promise<void> => {
      const domain = await findDomain(store, wanted)
      if (domain !== undefined && domain.path !== last.path) resolve(domain)
    }
    const begin = async (): Promise<void> => {
      watch.stop = await store.watch(domainsPath, () => void look().catch(reject))
    }
    begin().catch(reject)
  })
  try {
    return (await inTime(clock, { promise: found, timeoutMs }))?.value
  } finally {
    await watch.stop()
  }
}

async function uuidOf(store: Nodes, path: string): Promise<string | undefined> {
  const vm = (await store.read(`${path}/vm`))?.toString()
  return vm?.slice(vm.lastIndexOf('/') + 1).toLowerCase()
}
