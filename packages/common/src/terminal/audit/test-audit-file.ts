/**
 * An audit log on the disk, in a folder of its own, which a test writes and rotates.
 * Floor 8, for tests.
 */
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { gzipSync } from 'node:zlib'
import { auditLine } from '../../agent/audit-line.js'
import { pathsBelow } from '../../agent/paths.js'
import { testRecord } from '../../agent/test-records.js'
import { testFolder } from '../../test-folder.js'
import type { Teardown } from '../../test-folder.js'

/** The lines of calls of these commands, as the daemon writes them. */
export function linesOf(...commands: readonly string[]): string {
  return commands.map((command) => auditLine(testRecord({ command }))).join('')
}

/** A host's audit log. */
export class TestAuditFile {
  /** What `--root` takes. */
  readonly root: string
  readonly path: string

  constructor(test: Teardown) {
    this.root = testFolder(test)
    this.path = pathsBelow(this.root, 'host').auditFile
    mkdirSync(dirname(this.path), { recursive: true })
  }

  add(text: string): void {
    appendFileSync(this.path, text)
  }

  /** Moves it away, as logrotate does. */
  rotate(ending = '.1'): void {
    renameSync(this.path, this.path + ending)
  }

  /** Puts an older part beside it. */
  addPart(ending: string, text: string): void {
    writeFileSync(this.path + ending, ending.endsWith('.gz') ? gzipSync(text) : text)
  }
}
