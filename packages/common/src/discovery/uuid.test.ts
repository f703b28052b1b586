import { test } from 'tap'
import { parseUuid } from './uuid.js'

const uuid = '4f6c0f0e-3a0b-4c7e-9d55-0123456789ab'

test('parseUuid() gives a uuid in lower case, without what stands around it', (t) => {
  t.equal(parseUuid(uuid), uuid)
  t.equal(parseUuid(` ${uuid.toUpperCase()}\n`), uuid)
  t.end()
})

test('parseUuid() knows what is no uuid', (t) => {
  for (const text of [
    '',
    'web1',
    uuid.slice(1),
    `${uuid}0`,
    uuid.replaceAll('-', ''),
    uuid.replace('a', 'g'),
    `{${uuid}}`,
  ]) {
    t.equal(parseUuid(text), undefined, JSON.stringify(text))
  }
  t.end()
})

test('parseUuid() takes all zeros for none: they name nobody', (t) => {
  t.equal(parseUuid('00000000-0000-0000-0000-000000000000'), undefined)
  t.end()
})
