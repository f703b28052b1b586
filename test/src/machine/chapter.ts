/**
 * Reads a chapter of a Markdown page whose steps tell what to type: `**2. On the host: install it.** ...` and blocks.
 *
 * Pure. What is typed where is the caller's affair.
 */

/** One step. */
export interface Step {
  readonly number: number
  /** What stands between the number and the first full stop, e.g. `On the host: call it`. */
  readonly title: string
  /** The blocks of code, in order. */
  readonly blocks: readonly Block[]
}

/** A block of code. */
export interface Block {
  /** What stands behind its first three backticks, e.g. `sh`. */
  readonly language: string
  readonly text: string
}

const stepStart = /^\*\*(?<number>\d+)\. (?<title>.*?)[.:]?\*\*/gm
const codeBlock = /^```(?<language>\w*)\n(?<text>.*?)^```$/gms

/**
 * @param page Markdown
 * @param heading of the chapter, of the second level
 * @returns its steps, in order
 * @throws Error when there is no such chapter, or its steps are not numbered from one
 */
export function readChapter(page: string, heading: string): readonly Step[] {
  const chapter = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`))
  if (chapter === undefined) throw new Error(`Cannot read the chapter "${heading}": the page has none`)
  const starts = [...chapter.matchAll(stepStart)]
  return starts.map(({ groups, index }, position) => {
    const number = Number(groups?.['number'])
    if (number !== position + 1)
      throw new Error(`Cannot read the chapter "${heading}": step ${position + 1} has number ${number}`)
    const text = chapter.slice(index, starts[position + 1]?.index)
    return { number, title: groups?.['title'] ?? '', blocks: readBlocks(text) }
  })
}

function readBlocks(text: string): readonly Block[] {
  return [...text.matchAll(codeBlock)].map(({ groups }) => ({
    language: groups?.['language'] ?? '',
    text: groups?.['text'] ?? '',
  }))
}
