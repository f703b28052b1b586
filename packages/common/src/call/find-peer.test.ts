import { test } from 'tap'
import { findPeer } from './find-peer.js'
import type { Directory, Peer } from './peer.js'

const unchanging = { subscribe: () => () => undefined }

function directoryOf(...guests: readonly Pick<Peer, 'name' | 'uuid'>[]): Directory {
  return { ...unchanging, peers: () => guests as readonly Peer[] }
}

const uuid = '6d1f0c7e-0000-4000-8000-000000000001'
const other = '6d1f0c7e-0000-4000-8000-000000000002'

test('findPeer() finds a peer by its name, or by its uuid however it is written', (t) => {
  const directory = directoryOf({ name: 'web1', uuid }, { name: 'db', uuid: undefined })
  for (const wanted of ['web1', uuid, uuid.toUpperCase(), `uuid:${uuid}`])
    t.match(findPeer(directory, wanted), { name: 'web1' }, wanted)
  t.match(findPeer(directory, 'db'), { name: 'db' })
  t.end()
})

test('findPeer() says that there is none, and which one was meant', (t) => {
  const directory = directoryOf({ name: 'web1', uuid })
  t.same(findPeer(directory, 'web2'), {
    kind: 'unreachable',
    reason: 'there is no "web2" here; did you mean "web1"?',
  })
  for (const wanted of ['', 'undefined', 'uuid:', 'web1 '])
    t.match(findPeer(directory, wanted), { kind: 'unreachable' }, wanted)
  t.same(findPeer(directory, '\x1b[2J'), { kind: 'unreachable', reason: 'there is no "\\x1b[2J" here' })
  t.end()
})

test('findPeer() chooses nobody when two have the name', (t) => {
  const directory = directoryOf({ name: 'web1', uuid }, { name: 'web1', uuid: other })
  t.same(findPeer(directory, 'web1'), {
    kind: 'unreachable',
    reason: `2 guests are called "web1"; name the one that you mean by its uuid: ${uuid}, ${other}`,
  })
  t.match(findPeer(directory, other), { name: 'web1', uuid: other })
  t.end()
})

test("findPeer() believes a uuid before a name that looks like another's", (t) => {
  const directory = directoryOf({ name: uuid, uuid: other }, { name: 'web1', uuid })
  t.match(findPeer(directory, uuid), { name: 'web1' })
  t.end()
})
