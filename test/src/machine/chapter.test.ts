import { test } from 'tap'
import { readChapter } from './chapter.js'

const page = `# Page

## First

**1. Somewhere else.** Not this one.

## Walk

Words.

**1. On the host: type.** Words
that go on.

\`\`\`sh
echo step
cat <<END
two
END
\`\`\`

and

\`\`\`xml
<a/>
\`\`\`

**2. In the guest: nothing.**

## Last

\`\`\`sh
false
\`\`\`
`

test('readChapter() gives each step with its blocks, and nothing of other chapters', async (t) => {
  t.strictSame(readChapter(page, 'Walk'), [
    {
      number: 1,
      title: 'On the host: type',
      blocks: [
        { language: 'sh', text: 'echo step\ncat <<END\ntwo\nEND\n' },
        { language: 'xml', text: '<a/>\n' },
      ],
    },
    { number: 2, title: 'In the guest: nothing', blocks: [] },
  ])
})

test('readChapter() says what is wrong with a page', async (t) => {
  t.throws(() => readChapter(page, 'Wal'), {
    message: 'Cannot read the chapter "Wal": the page has none',
  })
  t.throws(() => readChapter(page.replace('**2. In', '**3. In'), 'Walk'), {
    message: 'Cannot read the chapter "Walk": step 2 has number 3',
  })
})
