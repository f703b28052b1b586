/**
 * What `file-put` answers, and `file-get` with `--facts`; without it `file-get` prints the content and nothing else.
 * Floor 1. The commands print it with `--json`; the schemas check what a guest answered.
 */
import * as z from 'zod/mini'
import { count, moment, textOrNull } from './values.js'

/** A file, and what is in it. */
export interface FileFacts {
  /** The place itself, without links. */
  readonly path: string
  readonly sizeBytes: number
  /** Of the content, 64 hexadecimal digits. */
  readonly sha256: string
  /** Permission bits in octal, such as `0640`. */
  readonly mode: string
  readonly uid: number
  readonly gid: number
}

/** What `file-put` did, or would do. */
export interface FilePutAnswer extends FileFacts {
  readonly isReplaced: boolean
  readonly isChanged: boolean
  readonly isDryRun: boolean
  /** Where the old file is kept. */
  readonly backup: string | null
}

/** What `file-get --facts` answers. */
export interface FileGetAnswer extends FileFacts {
  readonly modifiedAt: string
}

const facts = {
  path: z.string().check(z.startsWith('/')),
  sizeBytes: count,
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  mode: z.string().check(z.regex(/^0[0-7]{3,4}$/)),
  uid: count,
  gid: count,
}

export const filePutSchema: z.ZodMiniType<FilePutAnswer> = z.strictObject({
  ...facts,
  isReplaced: z.boolean(),
  isChanged: z.boolean(),
  isDryRun: z.boolean(),
  backup: textOrNull,
})

export const fileGetSchema: z.ZodMiniType<FileGetAnswer> = z.strictObject({ ...facts, modifiedAt: moment })
