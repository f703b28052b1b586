/**
 * Reads lists of numbers as the kernel writes them: `0-2,5`. Pure.
 */

/** More are no processors; it keeps a strange file from filling the memory. */
const countMax = 65_536

/** @returns the numbers; none when the text is no such list */
export function parseNumberList(text: string): readonly number[] {
  const ranges = text.split(',').map((part) => /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part.trim()))
  const numbers: number[] = []
  for (const range of ranges) {
    const [first, last] = [Number(range?.[1]), Number(range?.[2] ?? range?.[1])]
    if (range === null || last - first > countMax) return []
    for (let number = first; number <= last && numbers.length < countMax; number += 1) numbers.push(number)
  }
  return numbers
}
