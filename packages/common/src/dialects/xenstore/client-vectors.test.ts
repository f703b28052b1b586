/**
 * What the client says and hears in each of its questions, byte for byte: the numbers are those of Xen's header, not ours.
 */
import { test } from 'tap'
import { pairedChannels } from '../../channel/paired-channels.js'
import { RecordedEnd } from '../../channel/recorded-end.js'
import { FakeClock } from '../../fake-clock.js'
import { XenStoreClient } from './client.js'

/** Type, request and transaction, then the payload. */
type Message = readonly [type: number, requestId: number, transactionId: number, payload: string]

interface Vector {
  readonly title: string
  readonly use: (client: XenStoreClient) => Promise<unknown>
  readonly exchanged: readonly { readonly asked: Message; readonly answered: Message }[]
  readonly outcome?: unknown
}

const ok = 'OK\0'

const vectors: readonly Vector[] = [
  {
    title: 'READ',
    use: async (client) => String(await client.read('/a')),
    exchanged: [{ asked: [2, 1, 0, '/a\0'], answered: [2, 1, 0, 'raw, without a NUL'] }],
    outcome: 'raw, without a NUL',
  },
  {
    title: "READ of a path of the guest's own",
    use: async (client) => await client.read('data/host'),
    exchanged: [{ asked: [2, 1, 0, 'data/host\0'], answered: [16, 1, 0, 'ENOENT\0'] }],
  },
  {
    title: 'DIRECTORY',
    use: async (client) => await client.list('/a'),
    exchanged: [{ asked: [1, 1, 0, '/a\0'], answered: [1, 1, 0, 'b\0c\0'] }],
    outcome: ['b', 'c'],
  },
  {
    title: 'DIRECTORY_PART, for what does not fit into one answer',
    use: async (client) => await client.list('/a'),
    exchanged: [
      { asked: [1, 1, 0, '/a\0'], answered: [16, 1, 0, 'E2BIG\0'] },
      { asked: [22, 2, 0, '/a\x000\0'], answered: [22, 2, 0, '77\0b\0'] },
      { asked: [22, 3, 0, '/a\x002\0'], answered: [22, 3, 0, '77\0c\0\0'] },
    ],
    outcome: ['b', 'c'],
  },
  {
    title: 'WRITE',
    use: async (client) =>
      await client.write('/local/domain/7/data/host/u1', Buffer.from('{"name":"version","value":"agent"}')),
    exchanged: [
      {
        asked: [11, 1, 0, '/local/domain/7/data/host/u1\0{"name":"version","value":"agent"}'],
        answered: [11, 1, 0, ok],
      },
    ],
  },
  {
    title: 'RM',
    use: async (client) => await client.remove('/a'),
    exchanged: [{ asked: [13, 1, 0, '/a\0'], answered: [13, 1, 0, ok] }],
  },
  {
    title: 'RM where not even its parent is',
    use: async (client) => await client.remove('/a/b'),
    exchanged: [{ asked: [13, 1, 0, '/a/b\0'], answered: [16, 1, 0, 'ENOENT\0'] }],
  },
  {
    title: 'WATCH and UNWATCH',
    use: async (client) => {
      const stop = await client.watch('/w', () => undefined)
      await stop()
    },
    exchanged: [
      { asked: [4, 1, 0, '/w\x001\0'], answered: [4, 1, 0, ok] },
      { asked: [5, 2, 0, '/w\x001\0'], answered: [5, 2, 0, ok] },
    ],
  },
  {
    title: 'TRANSACTION_START and TRANSACTION_END, once more behind EAGAIN',
    use: async (client) =>
      await client.transaction(async (nodes) => {
        await nodes.write('/t', Buffer.from('x'))
        return 'done'
      }),
    exchanged: [
      { asked: [6, 1, 0, '\0'], answered: [6, 1, 0, '7\0'] },
      { asked: [11, 2, 7, '/t\0x'], answered: [11, 2, 7, ok] },
      { asked: [7, 3, 7, 'T\0'], answered: [16, 3, 7, 'EAGAIN\0'] },
      { asked: [6, 4, 0, '\0'], answered: [6, 4, 0, '8\0'] },
      { asked: [11, 5, 8, '/t\0x'], answered: [11, 5, 8, ok] },
      { asked: [7, 6, 8, 'T\0'], answered: [7, 6, 8, ok] },
    ],
    outcome: 'done',
  },
  {
    title: 'TRANSACTION_END of what is taken back',
    use: async (client) => {
      const work = async (): Promise<never> => await Promise.reject(new Error('changed my mind'))
      return await client.transaction(work).catch((error: unknown) => (error as Error).message)
    },
    exchanged: [
      { asked: [6, 1, 0, '\0'], answered: [6, 1, 0, '7\0'] },
      { asked: [7, 2, 7, 'F\0'], answered: [7, 2, 7, ok] },
    ],
    outcome: 'changed my mind',
  },
]

/** Four little-endian numbers of 32 bits, the last of which is the length of what follows. */
function bytesOf([type, requestId, transactionId, payload]: Message): Buffer {
  const header = Buffer.alloc(16)
  const numbers = [type, requestId, transactionId, Buffer.byteLength(payload)]
  for (const [place, number] of numbers.entries()) header.writeUInt32LE(number, place * 4)
  return Buffer.concat([header, Buffer.from(payload)])
}

test('XenStoreClient asks and understands with the bytes of the protocol', async (t) => {
  for (const { title, use, exchanged, outcome } of vectors) {
    const { left, right } = pairedChannels()
    const daemon = new RecordedEnd(left).start()
    const client = new XenStoreClient({ channel: right, clock: new FakeClock() })
    const using = use(client)
    let heard = Buffer.alloc(0)
    for (const { asked, answered } of exchanged) {
      const wanted = Buffer.concat([heard, bytesOf(asked)])
      await daemon.until(() => daemon.received.length >= wanted.length)
      t.same(daemon.received, wanted, title)
      left.write(bytesOf(answered))
      heard = wanted
    }
    t.same(await using, outcome, title)
    client.close()
  }
})
