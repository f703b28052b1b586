/**
 * What the host's half sends to an agent of old for each thing that it can be asked for, byte for byte.
 */
import { test } from 'tap'
import { pairedChannels } from '../../channel/paired-channels.js'
import { FakeClock } from '../../fake-clock.js'
import { silentLog } from '../../log.js'
import { LegacyServer } from '../legacy-server.js'
import { LinesExchange } from '../lines/lines-exchange.js'
import { OvirtLink } from './ovirt-link.js'
import { LineEnd } from './test-guest.js'
import { ask } from './verbs.js'
import type { Verb } from './verbs.js'

/** Agents of old pass over the `reply_id`, which stands behind all that they know. */
const vectors: readonly (readonly [verb: Verb, fields: string])[] = [
  [{ verb: 'lock' }, '"__name__": "lock-screen"'],
  [{ verb: 'log-off' }, '"__name__": "log-off"'],
  [
    { verb: 'shutdown', delaySeconds: 30, message: 'text' },
    '"__name__": "shutdown", "timeout": 30, "message": "text", "reboot": "False"',
  ],
  // Agents of old take the truth of its text, so a boolean would be none to them.
  [
    { verb: 'reboot', delaySeconds: 30, message: 'text' },
    '"__name__": "shutdown", "timeout": 30, "message": "text", "reboot": "True"',
  ],
  [
    { verb: 'shutdown', message: 'Bis später' },
    '"__name__": "shutdown", "timeout": 0, "message": "Bis sp\\u00e4ter", "reboot": "False"',
  ],
  [{ verb: 'hibernate' }, '"__name__": "hibernate", "state": "disk"'],
  [{ verb: 'suspend' }, '"__name__": "hibernate", "state": "mem"'],
  [{ verb: 'refresh' }, '"__name__": "refresh", "apiVersion": 3'],
  [{ verb: 'echo' }, '"__name__": "echo"'],
  [
    { verb: 'lifecycle', event: 'before_migration' },
    '"__name__": "lifecycle-event", "type": "before_migration"',
  ],
  [
    { verb: 'lifecycle', event: 'after_hibernation', hasFailed: true },
    '"__name__": "lifecycle-event", "type": "after_hibernation", "failure": true',
  ],
]

test('ask() sends each verb as VDSM did', async (t) => {
  const link = new OvirtLink({ guest: 'web-1', clock: new FakeClock(), log: silentLog })
  const { left, right } = pairedChannels()
  const exchange = new LinesExchange({ channel: right, lineEnd: '\n', atOnceMax: 1 })
  const dialect = link.open()
  new LegacyServer({ exchange, dialect, serve: () => t.fail('a guest calls nothing'), outputBytesMax: 0 })
  const guest = new LineEnd(left)
  await guest.say({ __name__: 'heartbeat', 'free-ram': '100', apiVersion: 3 })
  await guest.lines()
  for (const [verb, fields] of vectors) {
    void ask(link, verb)
    const [line = '', ...more] = await guest.lines()
    t.same(more, [])
    t.equal(line.replace(/"reply_id": "[0-9a-f-]{36}"\}$/, '"reply_id"}'), `{${fields}, "reply_id"}`)
  }
  exchange.close()
  await exchange.ended
  dialect.close?.()
})
