import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { test } from 'tap'
import { version } from '../version.js'
import { localHello } from './local-hello.js'

test('localHello() says who this process is', async (t) => {
  const { instance, ...hello } = await localHello('guest')
  t.match(instance, /^[0-9a-f]{8}-[0-9a-f-]{27}$/)
  t.same(hello, {
    side: 'guest',
    versions: { min: 1, max: 1 },
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    features: ['relayed-callers'],
    agent: version,
    name: hostname(),
  })
})

test('localHello() is another process each time', async (t) => {
  t.not((await localHello('host')).instance, (await localHello('host')).instance)
})
