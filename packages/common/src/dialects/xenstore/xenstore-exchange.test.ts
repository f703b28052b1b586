import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { FakeClock } from '../../fake-clock.js'
import { xenStoreAnswerKeptMs, xenStoreAnswersKeptMax } from '../xen-limits.js'
import { createLog } from '../../log.js'
import { testFolder } from '../../test-folder.js'
import type { Letter } from '../exchange.js'
import { connectXenStore } from './client.js'
import { TestXenStoreServer } from './test-xenstore-server.js'
import { XenStoreExchange } from './xenstore-exchange.js'

const domainPath = '/local/domain/7'
const [requests, answers, marks] = ['host', 'guest', 'negotiator-taken'].map(
  (name) => `${domainPath}/data/${name}`,
)

class Stage {
  readonly clock = new FakeClock()
  readonly lines: string[] = []
  readonly letters: Letter[] = []
  #onLetter: () => void = () => undefined

  readonly path: string
  readonly server: TestXenStoreServer

  constructor(path: string, server: TestXenStoreServer) {
    this.path = path
    this.server = server
  }

  static async set(t: Test): Promise<Stage> {
    const path = join(testFolder(t), 'socket')
    const server = await TestXenStoreServer.listen(path)
    t.teardown(() => server.close())
    return new Stage(path, server)
  }

  async open(domain: string = domainPath): Promise<XenStoreExchange> {
    const { path, clock } = this
    const log = createLog({ level: 'debug', format: 'text', write: (line) => this.lines.push(line) })
    const store = await connectXenStore({ path, clock })
    const exchange = new XenStoreExchange({ store, domainPath: domain, clock, log })
    exchange.start((letter) => {
      this.letters.push(letter)
      this.#onLetter()
    })
    return exchange
  }

  /** Waits until so many letters have come in all. */
  async lettersMany(count: number): Promise<readonly Letter[]> {
    while (this.letters.length < count) await new Promise<void>((resolve) => (this.#onLetter = resolve))
    return this.letters
  }

  /** Waits until the server has a node, or has none. */
  async until(path: string, isThere = true): Promise<void> {
    while (this.server.tree.has(path) !== isThere) await this.server.changed()
  }

  answer(name: string): string {
    return this.server.tree.read(`${answers}/${name}`).toString()
  }
}

test('XenStoreExchange takes requests one after the other, in listing order, those too that were there before it', async (t) => {
  const stage = await Stage.set(t)
  stage.server.write(`${requests}/zz-first`, 'one')
  stage.server.write(`${requests}/aa-second`, 'two')
  const exchange = await stage.open()
  await stage.lettersMany(1)
  t.notOk(stage.server.tree.has(`${requests}/zz-first`), 'removed before it is answered')
  t.ok(stage.server.tree.has(`${marks}/zz-first`), 'and marked')
  t.ok(stage.server.tree.has(`${requests}/aa-second`), 'the next one waits')
  stage.server.write(`${requests}/bb-third`, 'three')
  exchange.reply(1, Buffer.from('ONE'))
  await stage.lettersMany(2)
  t.equal(stage.answer('zz-first'), 'ONE')
  t.notOk(stage.server.tree.has(`${marks}/zz-first`))
  exchange.reply(2, Buffer.from('TWO'))
  await stage.lettersMany(3)
  exchange.reply(3, Buffer.from('THREE'))
  await stage.until(`${answers}/bb-third`)
  t.same(
    stage.letters.map(({ id, body }) => [id, String(body)]),
    [
      [1, 'one'],
      [2, 'two'],
      [3, 'three'],
    ],
  )
  t.same([stage.answer('aa-second'), stage.answer('bb-third')], ['TWO', 'THREE'])
  t.same(stage.lines, [])
})

test('XenStoreExchange waits for events: nothing is asked while nothing happens', async (t) => {
  const stage = await Stage.set(t)
  const exchange = await stage.open()
  stage.server.write(`${requests}/a`, 'one')
  await stage.lettersMany(1)
  exchange.reply(1, Buffer.from('ONE'))
  await stage.until(`${answers}/a`)
  // Its last look comes with the answer.
  stage.server.write(`${requests}/b`, 'two')
  await stage.lettersMany(2)
  const count = stage.server.questionCount
  await stage.clock.advance(3_600_000)
  t.equal(stage.server.questionCount - count, 1, 'but the removal of what nobody has fetched')
  stage.server.write(`${requests}/c`, 'three')
  exchange.reply(2, Buffer.from('TWO'))
  await stage.lettersMany(3)
  t.equal(String(stage.letters[2]?.body), 'three')
})

test("XenStoreExchange works with a guest's own connection, whose paths are relative", async (t) => {
  const stage = await Stage.set(t)
  stage.server.domainPath = domainPath
  stage.server.write(`${requests}/a`, 'before')
  const exchange = await stage.open('')
  await stage.lettersMany(1)
  exchange.reply(1, Buffer.from('BEFORE'))
  await stage.until(`${answers}/a`)
  stage.server.write(`${requests}/b`, 'after')
  t.equal(String((await stage.lettersMany(2))[1]?.body), 'after')
})

test('a request that was taken by a daemon that ended is told to be so, and never read again', async (t) => {
  const stage = await Stage.set(t)
  stage.server.write(`${requests}/poison`, '\xff{')
  const dying = await stage.open()
  await stage.lettersMany(1)
  dying.close()
  await dying.ended
  dying.reply(1, Buffer.from('too late'))
  stage.server.write(`${requests}/next`, 'two')
  const exchange = await stage.open()
  const [, interrupted] = await stage.lettersMany(2)
  t.match(interrupted, { fault: 'interrupted', body: Buffer.alloc(0) })
  exchange.reply(interrupted?.id ?? 0, Buffer.from('INTERRUPTED'))
  const [, , next] = await stage.lettersMany(3)
  t.equal(stage.answer('poison'), 'INTERRUPTED')
  t.same(stage.server.tree.list(marks ?? ''), ['next'])
  t.equal(String(next?.body), 'two')
})

test('an answer that nobody fetches is removed after a time, also one that was there before', async (t) => {
  const stage = await Stage.set(t)
  stage.server.write(`${answers}/older`, 'of a daemon before')
  const exchange = await stage.open()
  stage.server.write(`${requests}/a`, 'one')
  await stage.lettersMany(1)
  await stage.clock.advance(1_000)
  exchange.reply(1, Buffer.from('ONE'))
  await stage.until(`${answers}/a`)
  // Its time begins when the daemon has said that it is written.
  stage.server.write(`${requests}/b`, 'two')
  await stage.lettersMany(2)
  await stage.clock.advance(xenStoreAnswerKeptMs - 1_000)
  await stage.until(`${answers}/older`, false)
  t.ok(stage.server.tree.has(`${answers}/a`))
  await stage.clock.advance(1_000)
  await stage.until(`${answers}/a`, false)
  exchange.close()
  await exchange.ended
  t.equal(stage.clock.timerCount, 0)
})

test('of too many answers that nobody fetches the oldest is removed', async (t) => {
  const stage = await Stage.set(t)
  for (let number = 0; number < xenStoreAnswersKeptMax; number += 1)
    stage.server.write(`${answers}/a${number}`, '')
  const exchange = await stage.open()
  stage.server.write(`${requests}/one`, 'one')
  await stage.lettersMany(1)
  exchange.reply(1, Buffer.from('ONE'))
  await stage.until(`${answers}/a0`, false)
  t.equal(stage.server.tree.list(answers ?? '').length, xenStoreAnswersKeptMax)
})

test('a request that cannot be taken is passed over and told once, and the others are served', async (t) => {
  const stage = await Stage.set(t)
  stage.server.write(`${requests}/shut`, 'secret')
  stage.server.write(`${requests}/open`, 'one')
  stage.server.shutPath = `${requests}/shut`
  const exchange = await stage.open()
  await stage.lettersMany(1)
  exchange.reply(1, Buffer.from('ONE'))
  await stage.until(`${answers}/open`)
  stage.server.write(`${requests}/more`, 'two')
  t.same(
    (await stage.lettersMany(2)).map(({ body }) => String(body)),
    ['one', 'two'],
  )
  t.equal(stage.lines.length, 1)
  t.match(
    stage.lines[0],
    /A request in XenStore cannot be taken; it is passed over reason="Cannot use .*\/data\/host\/shut.* its daemon says EACCES"/,
  )
  stage.server.shutPath = ''
  stage.server.remove(`${requests}/shut`)
  exchange.reply(2, Buffer.from('TWO'))
  await stage.until(`${answers}/more`)
  await stage.server.asked()
  stage.server.write(`${requests}/shut`, 'three')
  t.equal(String((await stage.lettersMany(3))[2]?.body), 'three', 'its name may be used again')
})

test('an answer that does not fit is told and dropped; the next request is served', async (t) => {
  const stage = await Stage.set(t)
  const exchange = await stage.open()
  stage.server.write(`${requests}/a`, 'one')
  await stage.lettersMany(1)
  exchange.reply(1, Buffer.alloc(5000))
  await stage.until(`${marks}/a`, false)
  stage.server.write(`${requests}/b`, 'two')
  await stage.lettersMany(2)
  exchange.reply(1, Buffer.from('an answer to what is answered'))
  exchange.reply(2, undefined)
  await stage.until(`${marks}/b`, false)
  t.notOk(stage.server.tree.has(`${answers}/a`))
  t.notOk(stage.server.tree.has(`${answers}/b`))
  t.match(stage.lines, [
    /Requests in XenStore cannot be served reason="Cannot move a XenStore message of \d+ bytes/,
  ])
  t.equal(exchange.push(), false)
})

test('XenStoreExchange ends when the daemon is lost, and when it may not watch', async (t) => {
  const stage = await Stage.set(t)
  const exchange = await stage.open()
  stage.server.write(`${requests}/a`, 'one')
  await stage.lettersMany(1)
  stage.server.hangUp()
  t.equal(await exchange.ended, undefined)
  exchange.reply(1, Buffer.from('ONE'))
  t.same(stage.lines, [])
  stage.server.refusal = 'EACCES'
  await (
    await stage.open()
  ).ended
  t.match(stage.lines, [
    /Requests in XenStore cannot be served reason="Cannot use .*: its daemon says EACCES"/,
  ])
})
