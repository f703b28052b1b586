/**
 * A file that a host sends, in either of its two forms: `injectfile` with path and content in one, and `file_inject`.
 * Floor 6. Pure. Content is bytes. Where it may go is the business of `file-put` and its rules.
 */
import { isUtf8 } from 'node:buffer'
import { base64In } from './base64.js'

/** A file to be written. */
export interface InjectedFile {
  readonly path: string
  readonly content: Buffer
}

/** @param value of `injectfile`: base64 of the path, a comma and the content. @returns the file, or what is wrong */
export function fileFromInjectfile(value: unknown): InjectedFile | string {
  const bytes = base64In(value)
  if (bytes === undefined) return "Couldn't decode base64 data"
  const comma = bytes.indexOf(',')
  if (comma < 0) return 'Cannot inject a file: there is no comma between its path and its content'
  return fileOf(bytes.subarray(0, comma), bytes.subarray(comma + 1))
}

/** @param value of `file_inject`: an object with `b64_path` and `b64_file`. @returns the file, or what is wrong */
export function fileFromFileInject(value: unknown): InjectedFile | string {
  const fields: Readonly<Record<string, unknown>> =
    typeof value === 'object' && value !== null ? { ...value } : {}
  const [path, content] = [base64In(fields['b64_path']), base64In(fields['b64_file'])]
  if (path === undefined || content === undefined)
    return 'Cannot inject a file: wanted "b64_path" and "b64_file", both base64'
  return fileOf(path, content)
}

function fileOf(pathBytes: Buffer, content: Buffer): InjectedFile | string {
  const path = pathBytes.toString()
  if (!isUtf8(pathBytes) || path.includes('\0')) return 'Cannot inject a file: its path is not text'
  if (!path.startsWith('/')) return 'Cannot inject a file: its path does not begin with "/"'
  return { path, content }
}
