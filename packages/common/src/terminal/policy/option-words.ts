/**
 * A rule's options as they would be written in a policy file, in one order.
 * Floor 8. Pure. What was escaped in the file is escaped again, so a blank in a name forges no further option.
 */
import type { Rate, RuleOptions } from '../../policy/rule.js'
import { writeWord } from '../../policy/word.js'

/** Such as `["user=root", "timeout=30s"]`. */
export function optionWords(options: RuleOptions): readonly string[] {
  const { user, group, timeoutMs, concurrentMax, outputBytesMax, rate, audit, target } = options
  const values: readonly (readonly [string, string | number | undefined])[] = [
    ['user', user && writeWord(user)],
    ['group', group && writeWord(group)],
    ['timeout', timeoutMs && inUnits(timeoutMs, times)],
    ['max-concurrent', concurrentMax],
    ['max-output', outputBytesMax && inUnits(outputBytesMax, sizes)],
    ['rate', rate && rateText(rate)],
    ['audit', audit],
    // This one is kept as it was written.
    ['target', target],
  ]
  return values.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
}

type Units = readonly (readonly [unit: string, worth: number])[]

const times: Units = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
]

const sizes: Units = [
  ['GiB', 1024 ** 3],
  ['MiB', 1024 ** 2],
  ['KiB', 1024],
  ['B', 1],
]

/** In the largest unit that divides it. */
function inUnits(quantity: number, units: Units): string {
  const [unit, worth] = units.find(([, one]) => quantity % one === 0) ?? ['', 1]
  return `${quantity / worth}${unit}`
}

function rateText({ count, periodMs }: Rate): string {
  return `${count}/${inUnits(periodMs, times).replace(/^1(?=\D)/, '')}`
}
