/**
 * Drivers in tables and sentences: what there are, what one owns, what a verb has done.
 */
import { lstat } from 'node:fs/promises'
import { sentenceOf, table } from '@negotiator/common'
import { driverLife } from './drivers.js'
import { capabilitiesOf } from './kind.js'
import type { Capability, DriverPlaces } from './kind.js'
import { kindOf, shippedKinds, specOf } from './kinds.js'
import type { Owned, VerbReport } from './verbs.js'

/** A driver as `driver list` has it. */
export interface DescribedDriver {
  /** As it is, or could be, written in the configuration. */
  readonly name: string
  readonly isConfigured: boolean
  readonly can: readonly Capability[]
  readonly finds: string
  /** Why one that is configured cannot be used. */
  readonly problem?: string | undefined
}

/** A driver as `driver show` has it. */
export interface ShownDriver {
  readonly name: string
  readonly forms: readonly string[]
  readonly can: readonly Capability[]
  readonly finds: string
  readonly owns: readonly (Owned & { readonly isThere: boolean })[]
}

/** @param configured what the configuration asks for */
export async function describeAll(configured: readonly string[]): Promise<readonly DescribedDriver[]> {
  const asked = configured.flatMap((name) => (name === 'auto' ? ['libvirt', 'qemu'] : [name]))
  const others = shippedKinds.filter(({ name }) => !asked.some((spec) => specOf(spec).kind === name))
  return [
    ...(await Promise.all(asked.map(describeConfigured))),
    ...others.map((kind) => ({
      name: kind.forms[0] ?? kind.name,
      isConfigured: false,
      can: capabilitiesOf(kind),
      finds: kind.summary,
    })),
  ]
}

async function describeConfigured(name: string): Promise<DescribedDriver> {
  try {
    const kind = await kindOf(name)
    return { name, isConfigured: true, can: capabilitiesOf(kind), finds: kind.summary }
  } catch (error) {
    return { name, isConfigured: true, can: [], finds: '', problem: sentenceOf(error) }
  }
}

/** @throws as `kindOf` does */
export async function describeOne(
  name: string,
  places: Omit<DriverPlaces, 'name' | 'detail'>,
): Promise<ShownDriver> {
  const kind = await kindOf(name)
  const { owns } = await driverLife(name, places)
  const looked = owns.map(async (owned) => ({ ...owned, isThere: await isThere(owned.path) }))
  return {
    name,
    forms: kind.forms,
    can: capabilitiesOf(kind),
    finds: kind.summary,
    owns: await Promise.all(looked),
  }
}

async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  )
}

/** For people. */
export function listText(drivers: readonly DescribedDriver[]): string {
  const rows = drivers.map(({ name, isConfigured, can, finds, problem }) => [
    name,
    isConfigured ? 'yes' : 'no',
    can.join(', ') || '-',
    problem ?? finds,
  ])
  return table([['driver', 'configured', 'can', 'finds'], ...rows])
}

/** For people. */
export function showText({ name, forms, can, finds, owns }: ShownDriver): string {
  const facts = [
    ['driver', name],
    ['written', forms.join(', ')],
    ['can', can.join(', ')],
    ['finds', finds],
    ...(owns.length === 0 ? [['owns', 'nothing']] : []),
  ]
  const rows = owns.map(({ path, madeBy, isThere: there, purpose }) => [
    path,
    madeBy,
    there ? 'yes' : 'no',
    purpose,
  ])
  return `${table(facts)}${owns.length === 0 ? '' : `\n${table([['owns', 'made by', 'there', 'purpose'], ...rows])}`}`
}

const futures: Readonly<Record<string, string>> = {
  made: 'would be made',
  changed: 'would be changed',
  removed: 'would be removed',
}

/** For people: a line for each path. */
export function verbText({ driver, isDryRun, steps }: VerbReport): string {
  if (steps.length === 0) return table([[`The driver "${driver}" owns nothing for that.`]])
  return table(
    steps.map(({ path, outcome, why }) => [
      isDryRun ? (futures[outcome] ?? outcome) : outcome,
      path,
      why === undefined ? '' : `(${why})`,
    ]),
  )
}
