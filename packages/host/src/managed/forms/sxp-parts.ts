/**
 * The lists of a domain in SXP: each begins with its name.
 * Pure.
 */
import { twice } from './draft.js'
import type { DraftBuilder } from './draft.js'
import type { Sxp } from './parse-sxp.js'

/** A list that begins with its name. */
export interface Entry {
  readonly name: string
  readonly rest: readonly Sxp[]
}

/** The lists among some members; a name alone is an empty one. */
export function entriesOf(members: readonly Sxp[]): readonly Entry[] {
  return members.flatMap((member) => {
    if (typeof member === 'string') return [{ name: member, rest: [] }]
    const [name, ...rest] = member
    return typeof name === 'string' ? [{ name, rest }] : []
  })
}

/** A list with members that are a name and one text. */
interface Part {
  /** The names of the lists around it. */
  readonly part: readonly [string, string]
  /** The key of the definition that it is for. */
  readonly key: string
  readonly rest: readonly Sxp[]
  /** What is wanted of it. */
  readonly taken: readonly string[]
}

/** The members of a part that are a name and one text; what is empty is not there. */
export function textsIn(
  builder: DraftBuilder,
  { part: [outer, inner], key, rest, taken }: Part,
): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const { name, rest: values } of entriesOf(rest)) {
    const fault = (sentence: string): void =>
      builder.fault({ path: `(${outer} (${inner} (${name})))`, spoils: key, sentence })
    const [text] = values
    const earlier = texts.get(name)
    if (!taken.includes(name)) builder.passOver(`${outer} ${inner} ${name}`)
    else if (values.length > 1 || typeof text === 'object') fault('wanted one value')
    else if (earlier !== undefined && earlier !== text) fault(twice(earlier, text))
    else if (text !== undefined) texts.set(name, text)
  }
  return texts
}
