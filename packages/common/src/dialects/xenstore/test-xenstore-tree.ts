/**
 * The nodes of the XenStore server that tests use, with the errors that the real daemon gives.
 * Floor 6, for tests.
 */

/** The daemon's own word for what is wrong. */
export class Refusal extends Error {}

const pathPattern = /^(?:\/|(?:\/[A-Za-z0-9@_-]+)+)$/

/** Nodes by their absolute paths, in the order in which they were made. */
export class XenStoreTree {
  /** Counts the changes. */
  version = 0
  readonly #values: Map<string, Buffer>

  constructor(values: ReadonlyMap<string, Buffer> = new Map([['/', Buffer.alloc(0)]])) {
    this.#values = new Map(values)
  }

  copy(): XenStoreTree {
    const copy = new XenStoreTree(this.#values)
    copy.version = this.version
    return copy
  }

  has(path: string): boolean {
    return this.#values.has(path)
  }

  read(path: string): Buffer {
    const value = this.#values.get(checked(path))
    if (value === undefined) throw new Refusal('ENOENT')
    return value
  }

  list(path: string): readonly string[] {
    this.read(path)
    const start = path === '/' ? '/' : `${path}/`
    const names = [...this.#values.keys()]
      .filter((other) => other.startsWith(start) && other !== '/')
      .map((other) => other.slice(start.length))
    return names.filter((name) => !name.includes('/'))
  }

  write(path: string, value: Buffer): void {
    this.mkdir(path)
    this.#values.set(path, value)
  }

  mkdir(path: string): void {
    const parent = parentOf(checked(path))
    if (!this.has(parent)) this.mkdir(parent)
    if (!this.has(path)) this.#values.set(path, Buffer.alloc(0))
    this.version += 1
  }

  /** @returns what was removed */
  remove(path: string): readonly string[] {
    if (!this.has(parentOf(checked(path)))) throw new Refusal('ENOENT')
    const removed = [...this.#values.keys()].filter((other) => other === path || other.startsWith(`${path}/`))
    for (const each of removed) this.#values.delete(each)
    this.version += 1
    return removed
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

function checked(path: string): string {
  if (!pathPattern.test(path)) throw new Refusal('EINVAL')
  return path
}
