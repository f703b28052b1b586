import { test } from 'tap'
import { channelNames, guestToHost, hostToGuest } from './channel-names.js'

test('the channels are named by their direction', (t) => {
  t.equal(hostToGuest, 'negotiator-host-to-guest.0')
  t.equal(guestToHost, 'negotiator-guest-to-host.0')
  t.same(channelNames, [hostToGuest, guestToHost])
  t.end()
})
