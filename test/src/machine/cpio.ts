/**
 * Writes the "newc" archive format, the one that the Linux kernel unpacks as an initramfs.
 *
 * Pure: entries in, bytes out, one entry at a time; so an archive needs neither a temporary tree nor the cpio
 * program. It never looks into contents.
 *
 * @see https://www.kernel.org/doc/html/latest/driver-api/early-userspace/buffer-format.html
 */

/** One thing in the archive; `path` has no leading slash, `mode` holds permission bits only. */
export type ArchiveEntry =
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number }
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly content: Buffer }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }

interface ArchiveRecord {
  readonly inode: number
  readonly name: string
  /** Type and permission bits, as in `st_mode`. */
  readonly mode: number
  readonly content: Buffer
}

const permissionsOfLink = 0o777
const nothing = Buffer.alloc(0)
const endName = 'TRAILER!!!'

/**
 * Everything in the archive belongs to root and is dated at the epoch, so that the same entries always give the
 * same bytes.
 *
 * @param entries each folder before what lies in it
 * @returns the archive's bytes, in pieces
 */
export function* archive(entries: Iterable<ArchiveEntry>): Generator<Buffer> {
  // Counted up, for the kernel takes two entries with one inode number for hard links of each other.
  let inode = 0
  for (const entry of entries) {
    inode += 1
    yield* record({ inode, name: entry.path, ...modeAndContent(entry) })
  }
  yield* record({ inode: 0, name: endName, mode: 0, content: nothing })
}

function modeAndContent(entry: ArchiveEntry): { mode: number; content: Buffer } {
  switch (entry.kind) {
    case 'folder':
      return { mode: 0o040000 | entry.mode, content: nothing }
    case 'file':
      return { mode: 0o100000 | entry.mode, content: entry.content }
    case 'link':
      return { mode: 0o120000 | permissionsOfLink, content: Buffer.from(entry.target) }
  }
}

/** Header and name, then the content, each padded to four bytes. */
function* record({ inode, name, mode, content }: ArchiveRecord): Generator<Buffer> {
  const nameBytes = Buffer.from(`${name}\0`)
  const fields = {
    ...{ inode, mode, user: 0, group: 0, links: 1, modifiedS: 0, contentBytes: content.length },
    ...{
      deviceMajor: 0,
      deviceMinor: 0,
      nodeMajor: 0,
      nodeMinor: 0,
      nameBytes: nameBytes.length,
      checksum: 0,
    },
  }
  const magic = '070701'
  const head = Buffer.concat([Buffer.from(magic + Object.values(fields).map(hexField).join('')), nameBytes])
  yield Buffer.concat([head, padding(head.length)])
  yield content
  yield padding(content.length)
}

function hexField(value: number): string {
  return value.toString(16).padStart(8, '0')
}

function padding(length: number): Buffer {
  return Buffer.alloc((4 - (length % 4)) % 4)
}
