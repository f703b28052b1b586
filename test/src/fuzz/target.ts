/**
 * What is fuzzed: a parser of something that a peer or an administrator writes, and what it promises.
 * A target's check throws whatever breaks the promise; the errors that the parser declares it catches itself.
 */

/** How a target's input is built up, so that mutations get past its first check. */
export type Grammar = 'bytes' | 'frames' | 'json' | 'lines' | 'xml'

/** One parser and its promise. */
export interface Target {
  /** Also the name of its folder in the corpus. */
  readonly name: string
  /** What holds for every input, as the end of the sentence "it ...". */
  readonly promise: string
  readonly grammar: Grammar
  /** Words of its language, put in here and there. */
  readonly tokens: readonly string[]
  /** Feeds one input. @throws whatever breaks the promise */
  readonly check: (input: Buffer) => void | Promise<void>
}

/** A promise was broken. */
export class BrokenPromise extends Error {
  override readonly name: string = 'BrokenPromise'
}

/** @throws {BrokenPromise} unless it holds */
export function holds(isTrue: boolean, what: string): void {
  if (!isTrue) throw new BrokenPromise(what)
}

/** @throws {BrokenPromise} unless both are the same as JSON */
export function same(one: unknown, other: unknown, what: string): void {
  const [left, right] = [textOf(one), textOf(other)]
  if (left !== right) throw new BrokenPromise(`${what}: ${left.slice(0, 300)} and ${right.slice(0, 300)}`)
}

/** What is nested too deeply to be written was read all the same, and that is all we ask. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'undefined'
  } catch (error) {
    if (error instanceof RangeError) return 'too deep'
    throw error
  }
}

type ErrorClass = abstract new (...args: never[]) => Error

/** What a parser gives, or the declared error that it throws. @throws what is not declared */
export function declared<Value>(
  parse: () => Value,
  errors: readonly ErrorClass[],
): { readonly value: Value } | { readonly error: Error } {
  try {
    return { value: parse() }
  } catch (error) {
    if (error instanceof Error && errors.some((known) => error instanceof known)) {
      holds(
        isSentence(error.message),
        `an error says nothing that can be shown: ${JSON.stringify(error.message)}`,
      )
      return { error }
    }
    throw error
  }
}

/** An error's sentence begins with what we were doing, and holds no stack trace. */
function isSentence(message: string): boolean {
  return message.startsWith('Cannot ') && !/\n\s+at /.test(message)
}

/** Some bytes as chunks of one byte. */
export function byteByByte(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (byte) => Buffer.from([byte]))
}

/** Some bytes as chunks whose lengths depend on what is in them, so that a replay cuts them alike. */
export function inPieces(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const length = 1 + (((bytes[at] ?? 0) * 31 + bytes.length) % 97)
    pieces.push(bytes.subarray(at, at + length))
    at += length
  }
  return pieces
}
