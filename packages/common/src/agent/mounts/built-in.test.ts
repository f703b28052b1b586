import { test } from 'tap'
import { pairedChannels } from '../../channel/paired-channels.js'
import { RecordedEnd } from '../../channel/recorded-end.js'
import { FakeClock, settle } from '../../fake-clock.js'
import { earlyLetterSettleMs } from '../../dialects/dialect-limits.js'
import { createLog } from '../../log.js'
import { exchangeKinds } from './built-in.js'

test('lines answer whoever is next on a port, which tells late who is there, and not on a socket', async (t) => {
  const clock = new FakeClock()
  const log = createLog({ level: 'warn', format: 'text', write: () => undefined })
  for (const place of [{ channel: 'org.example.0' }, { path: '/run/example.sock' }]) {
    const open = await exchangeKinds.get('lines')?.load(clock)
    if (open === undefined) throw new Error('there are no lines')
    const attach = async (): Promise<RecordedEnd> => {
      const { left, right } = pairedChannels()
      const exchange = await open({
        settings: { dialect: 'x', exchange: 'lines', ...place },
        lines: { end: '\n', atOnceMax: 1 },
        openChannel: async () => await Promise.resolve(right),
        clock,
        log,
        signal: new AbortController().signal,
      })
      exchange.start(({ id, body }) => void exchange.ended.then(() => exchange.reply(id, body)))
      const end = new RecordedEnd(left)
      end.start()
      return end
    }
    const former = await attach()
    former.channel.write(Buffer.from('early\n'))
    former.channel.close()
    await settle()
    const next = await attach()
    await clock.advance(earlyLetterSettleMs)
    t.equal(next.received.toString(), 'channel' in place ? 'early\n' : '')
  }
})
