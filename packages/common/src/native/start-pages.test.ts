import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'tap'
import { unchangedMappings } from './start-pages.js'

const mapping = (line: string, anonymous: number): string =>
  `${line}\nSize:                 8 kB\nRss:                  4 kB\nAnonymous:            ${anonymous} kB\nVmFlags: rd mr mw me sd\n`

test('unchangedMappings() takes those of files that nobody has written to', (t) => {
  const smaps = [
    mapping('00400000-00402000 r--p 00000000 fe:00 260689                             /usr/bin/node', 0),
    mapping('00402000-00502000 r-xp 00002000 fe:00 260689                             /usr/bin/node', 0),
    // What the dynamic linker has changed, and then protected.
    mapping('00502000-00504000 r--p 00102000 fe:00 260689                             /usr/bin/node', 8),
    mapping('00504000-00506000 rw-p 00104000 fe:00 260689                             /usr/bin/node', 0),
    mapping('00506000-00508000 r--s 00106000 fe:00 260689                             /usr/bin/node', 0),
    mapping('00508000-0050a000 rw-p 00000000 00:00 0                                  [heap]', 0),
    mapping(
      '7f0000000000-7f0000002000 r--p 00000000 fe:00 1                          /usr/lib/lib c.so.6',
      0,
    ),
    mapping('7f0000002000-7f0000004000 r-xp 00000000 00:00 0 ', 0),
    mapping('7fff00000000-7fff00002000 r-xp 00000000 00:00 0                          [vdso]', 0),
  ].join('')
  t.same(unchangedMappings(smaps), [
    { address: 0x400000n, byteCount: 0x2000 },
    { address: 0x402000n, byteCount: 0x100000 },
    { address: 0x7f0000000000n, byteCount: 0x2000 },
  ])
  t.end()
})

/** Prints how much smaller the process has become, and works on: it loads what it has not used yet, and collects garbage. */
const program = `
  import { readFileSync } from 'node:fs'
  import { importKoffi } from ${JSON.stringify(join(import.meta.dirname, 'koffi.js'))}
  import { returnStartPages } from ${JSON.stringify(join(import.meta.dirname, 'start-pages.js'))}
  const koffi = await importKoffi()
  const fileKib = () => Number(/^RssFile:\\s+(\\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1])
  const beforeKib = fileKib()
  await returnStartPages(koffi)
  const givenKib = beforeKib - fileKib()
  const { gzipSync, gunzipSync } = await import('node:zlib')
  const { createHash } = await import('node:crypto')
  const text = 'all is well, '.repeat(1e5)
  gc()
  if (gunzipSync(gzipSync(text)).toString() !== text) throw new Error('It reads wrong')
  createHash('sha256').update(text).digest()
  console.log(givenKib / beforeKib)`

test('returnStartPages() gives back half of what is mapped of files and more, and the program goes on', (t) => {
  const args = ['--expose-gc', '--input-type=module', '--eval', program]
  const share = Number(execFileSync(process.execPath, args, { encoding: 'utf8' }))
  t.ok(share > 0.5, `${share} of it`)
  t.end()
})
