/**
 * A XenStore daemon for tests, on a socket in their own folder: what the real one does with a tree, watches and transactions, and
 * none of its permissions.
 * Floor 6, for tests.
 */
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { encodeTexts, encodeXenStoreMessage, MessageType, textsIn, XenStoreReader } from './message.js'
import type { XenStoreMessage } from './message.js'
import { Refusal, XenStoreTree } from './test-xenstore-tree.js'

const getPermissions = 3
const setPermissions = 14
const payloadBytesMax = 4096

interface Transaction {
  readonly tree: XenStoreTree
  readonly baseVersion: number
  readonly changed: string[]
}

/** What is kept for one client. */
interface Client {
  readonly socket: Socket
  readonly watches: Map<string, { readonly path: string; readonly token: string }>
  readonly transactions: Map<number, Transaction>
}

/** Serves a tree. */
export class TestXenStoreServer {
  tree: XenStoreTree = new XenStoreTree()
  /** Questions so far, by their kind: a test sees with it that nobody polls. */
  questionCount = 0
  /** What `relative/paths` are taken below, as the daemon does it for a domain. */
  domainPath = '/local/domain/0'
  /** Whether it takes questions and answers none. */
  isSilent = false
  /** What it answers everything with, unless it is empty. */
  refusal = ''
  /** A node that its client may not read. */
  shutPath = ''
  /** Called before the question of this number is answered. */
  onQuestion: (count: number) => void = () => undefined
  readonly #server: Server
  readonly #clients = new Set<Client>()
  readonly #waiting: (() => void)[] = []
  #transactionCount = 0

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket))
  }

  static async listen(path: string): Promise<TestXenStoreServer> {
    const server = new TestXenStoreServer()
    await new Promise<void>((resolve) => server.#server.listen(path, resolve))
    return server
  }

  close(): void {
    for (const { socket } of this.#clients) socket.destroy()
    this.#server.close()
  }

  /** Hangs up on everybody. */
  hangUp(): void {
    for (const { socket } of this.#clients) socket.destroy()
  }

  /** Sends bytes that nobody asked for. */
  shout(bytes: Buffer): void {
    for (const { socket } of this.#clients) socket.write(bytes)
  }

  /** Fulfilled with the next question. */
  async asked(): Promise<void> {
    await new Promise<void>((resolve) => (this.onQuestion = () => resolve()))
  }

  /** Fulfilled with the next change. */
  async changed(): Promise<void> {
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Changes the tree as another client would. */
  write(path: string, value: string): void {
    this.tree.write(path, Buffer.from(value))
    this.#fire([path])
  }

  remove(path: string): void {
    this.#fire(this.tree.remove(path))
  }

  #serve(socket: Socket): void {
    const client: Client = { socket, watches: new Map(), transactions: new Map() }
    const reader = new XenStoreReader()
    this.#clients.add(client)
    socket.on('close', () => this.#clients.delete(client))
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      try {
        for (const message of reader.push(chunk)) this.#answer(client, message)
      } catch {
        socket.destroy() // As the real one does with a message that is too long.
      }
    })
  }

  #answer(client: Client, question: XenStoreMessage): void {
    this.questionCount += 1
    this.onQuestion(this.questionCount)
    if (this.isSilent) return
    const reply = (type: number, payload: Buffer): void =>
      void client.socket.write(encodeXenStoreMessage({ ...question, type, payload }))
    try {
      if (this.refusal !== '') throw new Refusal(this.refusal)
      const payload = this.#do(client, question)
      if (payload.length > payloadBytesMax) throw new Refusal('E2BIG')
      reply(question.type, payload)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      reply(MessageType.error, encodeTexts(error.message))
    }
    if (question.type === MessageType.watch) tell(client.socket, textsIn(question.payload))
  }

  #do(client: Client, { type, transactionId, payload }: XenStoreMessage): Buffer {
    const [named = '', second = ''] = textsIn(payload)
    const path = named.startsWith('/') ? named : `${this.domainPath}/${named}`
    const tree = this.#treeOf(client, transactionId)
    const ok = encodeTexts('OK')
    if (path === this.shutPath) throw new Refusal('EACCES')
    switch (type) {
      case MessageType.directory:
        return encodeTexts(...tree.list(path))
      case MessageType.directoryPart:
        return partOf(tree, { path, offset: Number(second) })
      case MessageType.read:
        return tree.read(path)
      case getPermissions:
        tree.read(path)
        return encodeTexts('n0')
      case setPermissions:
        tree.read(path)
        return ok
      case MessageType.write:
        tree.write(path, payload.subarray(payload.indexOf(0) + 1))
        this.#changed(client, { transactionId, paths: [path] })
        return ok
      case MessageType.mkdir:
        tree.mkdir(path)
        this.#changed(client, { transactionId, paths: [path] })
        return ok
      case MessageType.remove:
        this.#changed(client, { transactionId, paths: tree.remove(path) })
        return ok
      case MessageType.watch:
        client.watches.set(`${named}\0${second}`, { path: named, token: second })
        return ok
      case MessageType.unwatch:
        if (!client.watches.delete(`${named}\0${second}`)) throw new Refusal('ENOENT')
        return ok
      case MessageType.transactionStart:
        return this.#start(client)
      case MessageType.transactionEnd:
        this.#finish(client, { transactionId, isMeant: named === 'T' })
        return ok
      default:
        throw new Refusal('ENOSYS')
    }
  }

  #treeOf({ transactions }: Client, transactionId: number): XenStoreTree {
    if (transactionId === 0) return this.tree
    const transaction = transactions.get(transactionId)
    if (transaction === undefined) throw new Refusal('ENOENT')
    return transaction.tree
  }

  #changed(
    { transactions }: Client,
    { transactionId, paths }: { transactionId: number; paths: readonly string[] },
  ): void {
    const transaction = transactions.get(transactionId)
    if (transaction === undefined) this.#fire(paths)
    else transaction.changed.push(...paths)
  }

  #start({ transactions }: Client): Buffer {
    const id = (this.#transactionCount += 1)
    transactions.set(id, { tree: this.tree.copy(), baseVersion: this.tree.version, changed: [] })
    return encodeTexts(String(id))
  }

  #finish(
    { transactions }: Client,
    { transactionId, isMeant }: { transactionId: number; isMeant: boolean },
  ): void {
    const transaction = transactions.get(transactionId)
    transactions.delete(transactionId)
    if (transaction === undefined) throw new Refusal('ENOENT')
    if (!isMeant) return
    if (transaction.baseVersion !== this.tree.version) throw new Refusal('EAGAIN')
    this.tree = transaction.tree
    this.#fire(transaction.changed)
  }

  #fire(paths: readonly string[]): void {
    for (const tell of this.#waiting.splice(0)) tell()
    for (const { socket, watches } of this.#clients) {
      for (const { path, token } of watches.values()) {
        const absolute = path.startsWith('/') ? path : `${this.domainPath}/${path}`
        for (const changed of paths) {
          if (changed === absolute || changed.startsWith(`${absolute}/`))
            tell(socket, [`${path}${changed.slice(absolute.length)}`, token])
        }
      }
    }
  }
}

function tell(socket: Socket, texts: readonly string[]): void {
  const payload = encodeTexts(...texts)
  socket.write(
    encodeXenStoreMessage({ type: MessageType.watchEvent, requestId: 0, transactionId: 0, payload }),
  )
}

/** Names from an offset on, as many as fit; behind the last one a NUL more. */
function partOf(tree: XenStoreTree, { path, offset }: { path: string; offset: number }): Buffer {
  const all = encodeTexts(...tree.list(path))
  const generation = encodeTexts(String(tree.version))
  const room = payloadBytesMax - generation.length - 1
  const rest = all.subarray(offset)
  if (rest.length <= room) return Buffer.concat([generation, rest, Buffer.alloc(1)])
  const fitting = rest.subarray(0, rest.subarray(0, room).lastIndexOf(0) + 1)
  return Buffer.concat([generation, fitting])
}
