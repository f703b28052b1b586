import { test } from 'tap'
import { withDevices, withoutElements, xmlDiff } from './xml-diff.js'

const xml = `<domain>
  <devices>
    <channel type='unix'/>
  </devices>
</domain>`

test('withDevices() and withoutElements() undo each other', (t) => {
  const element = `<channel type='unix'>\n  <target name='a'/>\n</channel>`
  const more = withDevices(xml, [element])
  t.match(
    more,
    /<channel type='unix'\/>\n {4}<channel type='unix'>\n {6}<target name='a'\/>\n {4}<\/channel>\n {2}<\/devices>/,
  )
  t.equal(withoutElements(more, [element.replaceAll('\n', '\n    ')]), xml)
  t.equal(withDevices(xml, []), xml)
  t.end()
})

test('xmlDiff() shows what is added, and nothing when nothing is', (t) => {
  t.equal(
    xmlDiff({ name: 'web1', before: xml, after: withDevices(xml, ['<a/>']) }),
    `--- web1 (before)
+++ web1 (after)
@@ -1,5 +1,6 @@
 <domain>
   <devices>
     <channel type='unix'/>
+    <a/>
   </devices>
 </domain>
`,
  )
  t.equal(xmlDiff({ name: 'web1', before: xml, after: xml }), '')
  t.end()
})
