/**
 * A command line as words, exactly as Python's shlex.split has them (POSIX mode, no comments).
 * Floor 8. Pure. The packages that claim to do it take $'..' and an escaped line end as bash does, which Python does not.
 */
import { UsageError } from '../../errors.js'

const blanks = ' \t\r\n'

/** A word so far; `undefined` between words. */
type Word = string | undefined

/** A word grown by what stands at a place, and where to go on. */
interface Grown {
  readonly word: string
  readonly at: number
}

/**
 * Splits a command line.
 * @throws {UsageError} `bad-option` for a quotation that does not end, or a backslash at the end
 */
export function splitWords(line: string): readonly string[] {
  const words: string[] = []
  let word: Word
  let at = 0
  while (at < line.length) {
    const letter = line.charAt(at)
    if (blanks.includes(letter)) {
      if (word !== undefined) words.push(word)
      word = undefined
      at += 1
    } else {
      ;({ word, at } = grow(line, { word: word ?? '', at }))
    }
  }
  return word === undefined ? words : [...words, word]
}

function grow(line: string, { word, at }: Grown): Grown {
  const letter = line.charAt(at)
  if (letter === "'") return singleQuoted(line, { word, at: at + 1 })
  if (letter === '"') return doubleQuoted(line, { word, at: at + 1 })
  if (letter !== '\\') return { word: word + letter, at: at + 1 }
  if (at + 1 === line.length) throw unreadable(line, 'nothing follows its last backslash')
  return { word: word + line.charAt(at + 1), at: at + 2 }
}

/** Up to the next quote everything is meant as it stands. */
function singleQuoted(line: string, { word, at }: Grown): Grown {
  const end = line.indexOf("'", at)
  if (end < 0) throw unreadable(line, "a ' has no second one")
  return { word: word + line.slice(at, end), at: end + 1 }
}

/** A backslash escapes itself and the quote, and is itself before anything else. */
function doubleQuoted(line: string, { word, at }: Grown): Grown {
  let text = word
  for (let place = at; place < line.length; place += 1) {
    const letter = line.charAt(place)
    if (letter === '"') return { word: text, at: place + 1 }
    const next = line.charAt(place + 1)
    const isEscape = letter === '\\' && next !== '' && '\\"'.includes(next)
    if (isEscape) place += 1
    text += isEscape ? next : letter
  }
  throw unreadable(line, 'a " has no second one')
}

function unreadable(line: string, why: string): UsageError {
  return new UsageError(`Cannot read the command line "${line}": ${why}`, { code: 'bad-option' })
}
