import { hostToGuest } from '@negotiator/common'
import { test } from 'tap'
import type { FoundGuest } from '../drivers/driver.js'
import { mergeGuests } from './merge-guests.js'

const uuid = '11111111-1111-4111-8111-111111111111'

const guest = (rest: Partial<FoundGuest> = {}): FoundGuest => ({
  name: 'web1',
  uuid,
  sockets: { [hostToGuest]: '/run/a' },
  ...rest,
})

const merged = (found: readonly FoundGuest[], kept?: FoundGuest): FoundGuest | undefined => {
  const { guests, twins } = mergeGuests(found, new Map(kept === undefined ? [] : [[uuid, kept]]))
  if (guests.size !== 1 || twins.length > 0) return undefined
  return guests.get(uuid)
}

test('mergeGuests() makes one guest of what two drivers found of it, without a word', (t) => {
  t.match(merged([guest({ state: 'running' }), guest()]), guest({ state: 'running' }))
  t.match(
    merged([guest({ name: 'alias' }), guest({ state: 'paused' })]),
    guest({ name: 'alias', state: 'paused' }),
  )
  t.end()
})

test('mergeGuests() takes the guest whose sockets are known, whoever knows them', (t) => {
  const unknown = guest({ sockets: {} })
  t.match(merged([unknown, guest({ state: 'running' })]), guest({ state: 'running' }))
  t.match(merged([guest(), unknown]), guest())
  t.match(merged([unknown, guest()], unknown), guest(), 'also when it was kept without them')
  t.match(merged([guest({ state: 'off', sockets: {} }), unknown]), { state: 'off', sockets: {} })
  t.end()
})

test('mergeGuests() keeps the guest that is kept when another claims its uuid, and tells', (t) => {
  const other = guest({ sockets: { [hostToGuest]: '/run/b' } })
  for (const found of [
    [guest(), other],
    [other, guest()],
  ]) {
    const { guests, twins } = mergeGuests(found, new Map([[uuid, guest()]]))
    t.match(guests.get(uuid), guest())
    t.same(twins, [{ uuid, name: 'web1' }])
  }
  t.match(mergeGuests([other, guest()], new Map()).guests.get(uuid), other, 'the first when none is kept')
  t.end()
})

test('mergeGuests() tells guests without a uuid apart by name and sockets', (t) => {
  const nameless = { uuid: undefined }
  const found = [guest(nameless), guest({ ...nameless, name: 'web2' }), guest(nameless)]
  t.same(
    [...mergeGuests(found, new Map()).guests.values()].map(({ name }) => name),
    ['web1', 'web2'],
  )
  t.end()
})
