/**
 * The audit log's file: whole lines in their order, by one writer, never in the way of a call.
 * Floor 7. What cannot be written is counted and told, and never held without bound. A file that was moved away or removed
 * is left alone, and a new one begun, as rotation wants it.
 */
import { constants } from 'node:fs'
import { mkdir, open, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Audit, AuditRecord } from '../call/audit.js'
import { inTime } from '../clock.js'
import type { Clock } from '../clock.js'
import { systemCodeOf } from '../errors.js'
import { auditCloseMs, auditLookMs, auditQueueBytesMax } from '../limits.js'
import type { Log } from '../log.js'
import { auditLine } from './audit-line.js'

interface AuditLogOptions {
  /** Empty: no audit log is kept. */
  readonly path: string
  readonly clock: Clock
  readonly log: Log
}

/** What `status` tells of the audit log. */
export interface AuditState {
  readonly path: string
  readonly written: number
  readonly lost: number
  /** Why it cannot be written now. */
  readonly problem?: string | undefined
}

/** Takes the records of all calls. */
export class AuditLog implements Audit {
  readonly #options: AuditLogOptions
  #queue: Buffer[] = []
  #queuedBytes = 0
  #writing: Promise<void> | undefined
  #file: FileHandle | undefined
  #lookedMs = Number.NEGATIVE_INFINITY
  /** The last write may have ended within a line. */
  #isBroken = false
  #written = 0
  #lost = 0
  #lostAtProblem = 0
  #problem: string | undefined

  constructor(options: AuditLogOptions) {
    this.#options = options
  }

  get state(): AuditState {
    return {
      path: this.#options.path,
      written: this.#written,
      lost: this.#lost,
      problem: this.#problem,
    }
  }

  /** Opens the file, so that a fault is known before the first call. It never rejects: calls go on without it. */
  async open(): Promise<void> {
    if (this.#options.path === '') return
    await this.#attempt(async () => void (await this.#current()))
  }

  write(record: AuditRecord): void {
    if (this.#options.path === '') return
    const line = Buffer.from(auditLine(record))
    if (this.#queuedBytes + line.length > auditQueueBytesMax) return this.#lose(1, 'the disk is too slow')
    this.#queue.push(line)
    this.#queuedBytes += line.length
    this.#writing ??= this.#writeAll()
  }

  /** Looks at once whether the file was moved. */
  reopen(): void {
    this.#lookedMs = Number.NEGATIVE_INFINITY
  }

  /** Writes what waits, for a limited time, and closes the file. */
  async close(): Promise<void> {
    const { clock } = this.#options
    await inTime(clock, { promise: this.#writing ?? Promise.resolve(), timeoutMs: auditCloseMs })
    await this.#file?.close().catch(() => undefined)
    this.#file = undefined
  }

  async #writeAll(): Promise<void> {
    // What comes within one turn of the event loop is written together.
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (this.#queue.length > 0) {
      const lines = this.#queue
      this.#queue = []
      this.#queuedBytes = 0
      const isWritten = await this.#attempt(async () => await this.#append(lines))
      if (isWritten) this.#written += lines.length
      else this.#lost += lines.length
    }
    this.#writing = undefined
  }

  async #append(lines: readonly Buffer[]): Promise<void> {
    const file = await this.#current()
    const bytes = Buffer.concat(this.#isBroken ? [Buffer.from('\n'), ...lines] : lines)
    this.#isBroken = true
    for (let offset = 0; offset < bytes.length;) offset += (await file.write(bytes, offset)).bytesWritten
    this.#isBroken = false
  }

  /** The file, opened anew when it is no longer the one of this name. */
  async #current(): Promise<FileHandle> {
    const { path, clock } = this.#options
    if (this.#file !== undefined && clock.now() - this.#lookedMs < auditLookMs) return this.#file
    this.#lookedMs = clock.now()
    if (this.#file !== undefined && (await isStillAt(this.#file, path))) return this.#file
    await this.#file?.close().catch(() => undefined)
    this.#file = undefined
    this.#file = await openToAppend(path)
    return this.#file
  }

  async #attempt(action: () => Promise<void>): Promise<boolean> {
    try {
      await action()
    } catch (error) {
      this.#fail(systemCodeOf(error) ?? 'unknown error')
      return false
    }
    if (this.#problem !== undefined) this.#worksAgain()
    return true
  }

  #fail(problem: string): void {
    if (this.#problem === undefined) {
      const { log, path } = this.#options
      this.#lostAtProblem = this.#lost
      log.error('Cannot write the audit log; calls go on without a record', { path, error: problem })
    }
    this.#problem = problem
    this.#lookedMs = Number.NEGATIVE_INFINITY
  }

  #worksAgain(): void {
    const { log, path } = this.#options
    log.warn('The audit log is written again', { path, lost: this.#lost - this.#lostAtProblem })
    this.#problem = undefined
  }

  #lose(count: number, problem: string): void {
    this.#fail(problem)
    this.#lost += count
  }
}

async function isStillAt(file: FileHandle, path: string): Promise<boolean> {
  const [opened, named] = await Promise.all([file.stat(), stat(path).catch(() => undefined)])
  return named?.ino === opened.ino && named.dev === opened.dev
}

async function openToAppend(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true, mode: 0o750 })
  const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW } = constants
  // The mode is right from the first instant; a link could make us write into another file.
  return await open(path, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o640)
}
