import { test } from 'tap'
import { asciiJson } from './ascii-json.js'

test('asciiJson() escapes what Python escapes, and nothing else', (t) => {
  const text = `plain "quoted" \\ \n\t ~\u007f é 世 \u{1f600}`
  const json = asciiJson({ text })
  t.equal(json, String.raw`{"text":"plain \"quoted\" \\ \n\t ~\u007f \u00e9 \u4e16 \ud83d\ude00"}`)
  t.same(JSON.parse(json), { text })
  t.equal(asciiJson('all ASCII'), '"all ASCII"')
  t.end()
})
