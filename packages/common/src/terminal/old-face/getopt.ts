/**
 * Options as Python's getopt.getopt reads them: clusters, abbreviations, and an end at the first argument that is none.
 * Floor 8. Pure. commander knows no abbreviations, and cron jobs have used them for years.
 */

/** An option that is known. */
export interface KnownOption {
  readonly long: string
  readonly short?: string
  readonly hasValue: boolean
  /** Whether it must be written out; the options that python-negotiator had may be abbreviated. */
  readonly isExactOnly?: boolean
}

/** An option that was given. */
export interface GivenOption {
  readonly long: string
  /** Empty for an option that takes none. */
  readonly value: string
}

/** What was read. */
export interface GivenOptions {
  readonly options: readonly GivenOption[]
  /** What stands behind the options. */
  readonly rest: readonly string[]
  /** Why reading ended early: the end of a sentence, and the options that may have been meant. */
  readonly fault?: { readonly reason: string; readonly candidates: readonly string[] }
}

/** One argument that was read, and whether it took the next one, too. */
interface Step {
  readonly options: readonly GivenOption[]
  readonly usesNext: boolean
  readonly fault?: GivenOptions['fault']
}

/** Reads options. */
export function readOptions(known: readonly KnownOption[], argv: readonly string[]): GivenOptions {
  const options: GivenOption[] = []
  let at = 0
  for (;;) {
    const argument = argv[at]
    if (argument === undefined || !argument.startsWith('-') || argument === '-')
      return { options, rest: argv.slice(at) }
    if (argument === '--') return { options, rest: argv.slice(at + 1) }
    const read = argument.startsWith('--') ? readLong : readCluster
    const step = read(known, { text: argument.slice(read === readLong ? 2 : 1), next: argv[at + 1] })
    options.push(...step.options)
    if (step.fault !== undefined) return { options, rest: argv.slice(at), fault: step.fault }
    at += step.usesNext ? 2 : 1
  }
}

/** An argument without its dashes, and the one behind it. */
interface Place {
  readonly text: string
  readonly next: string | undefined
}

function readLong(known: readonly KnownOption[], { text, next }: Place): Step {
  const [, name = '', equals, value] = /^([^=]*)(=?)(.*)$/s.exec(text) ?? []
  const exact = known.find(({ long }) => long === name)
  const candidates =
    exact === undefined
      ? known.filter(({ long, isExactOnly }) => isExactOnly !== true && long.startsWith(name))
      : [exact]
  const [option, another] = candidates
  if (option === undefined) return faulty(`there is no option --${name}`)
  const names = candidates.map(({ long }) => long)
  if (another !== undefined)
    return faulty(`--${name} may be ${names.map((long) => `--${long}`).join(' or ')}`, names)
  const { long, hasValue } = option
  if (equals === '=') return hasValue ? given({ long, value }) : faulty(`--${long} takes no value`, names)
  if (!hasValue) return given({ long })
  return next === undefined
    ? faulty(`--${long} lacks its value`, names)
    : given({ long, value: next, usesNext: true })
}

function readCluster(known: readonly KnownOption[], { text, next }: Place): Step {
  const options: GivenOption[] = []
  for (let at = 0; at < text.length; at += 1) {
    const [letter = ''] = /^./su.exec(text.slice(at)) ?? []
    const option = known.find(({ short }) => short === letter)
    if (option === undefined) return { ...faulty(`there is no option -${letter}`), options }
    const { long, hasValue } = option
    if (!hasValue) {
      options.push({ long, value: '' })
      continue
    }
    const attached = text.slice(at + 1)
    const value = attached === '' ? next : attached
    if (value === undefined) return { ...faulty(`-${letter} lacks its value`, [long]), options }
    return { options: [...options, { long, value }], usesNext: attached === '' }
  }
  return { options, usesNext: false }
}

function given({
  long,
  value = '',
  usesNext = false,
}: {
  long: string
  value?: string | undefined
  usesNext?: boolean
}): Step {
  return { options: [{ long, value }], usesNext }
}

function faulty(reason: string, candidates: readonly string[] = []): Step {
  return { options: [], usesNext: false, fault: { reason, candidates } }
}
