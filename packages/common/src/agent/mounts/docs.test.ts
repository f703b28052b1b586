/**
 * Whoever comes from another agent goes by the pages on dialects: what they show is what the daemon takes.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'tap'
import type { Teardown } from '../../test-folder.js'
import { testFolder } from '../../test-folder.js'
import { systemClock } from '../../clock.js'
import { silentLog } from '../../log.js'
import { decide } from '../../policy/decide.js'
import { parsePolicy } from '../../policy/parse.js'
import { host, self } from '../../policy/test-policy.js'
import { loadConfig } from '../config.js'
import type { Config } from '../config-settings.js'
import type { Side } from '../paths.js'
import { dialectKinds } from './built-in.js'

const root = join(import.meta.dirname, '../../../../..')
const shipped = readFileSync(join(root, 'policy/guest/90-default.policy'), 'utf8')
const pages = readdirSync(join(root, 'docs')).filter((name) => /^dialects.*\.md$/.test(name))

interface Block {
  readonly language: string
  readonly text: string
  /** What stands above it. */
  readonly before: string
}

function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(join(root, 'docs', page), 'utf8')
  return [...text.matchAll(/^( *)```(.*)\n([^]*?)^ *```$/gm)].map(({ index, ...match }) => ({
    language: match[2] ?? '',
    text: (match[3] ?? '').replaceAll(new RegExp(`^${match[1]}`, 'gm'), ''),
    before: text.slice(0, index),
  }))
}

interface Example {
  readonly side: Side
  readonly text: string
}

/** A block without a table of its own is more of the one before it; the file is the one that was named last. */
function examplesOf(page: string): readonly Example[] {
  const examples: Example[] = []
  for (const { language, text, before } of blocksOf(page)) {
    if (language !== 'toml') continue
    const side = [...before.matchAll(/\/etc\/negotiator\/(host|guest)\.toml/g)].at(-1)?.[1] as Side
    const last = examples.at(-1)
    if (text.includes('[[dialects]]') || last === undefined) examples.push({ side, text })
    else examples.push({ side, text: `${last.text}${text}` })
  }
  return examples
}

async function load(t: Teardown, { side, text }: Example): Promise<Config> {
  const folder = testFolder(t)
  const path = join(folder, 'etc/negotiator', `${side}.toml`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return await loadConfig({ side, root: folder })
}

test('every configuration on the pages about dialects is one, and its dialect takes its options', async (t) => {
  const shown = new Set<string>()
  for (const page of pages) {
    for (const example of examplesOf(page)) {
      const { dialects } = await load(t, example)
      t.equal(dialects.length, 1, `${page}: ${example.text}`)
      for (const { dialect, options = {} } of dialects) {
        const open = await dialectKinds.get(dialect)?.()
        const surroundings = {
          options,
          side: example.side,
          guest: 'web1',
          clock: systemClock,
          log: silentLog,
        }
        t.ok(open?.(surroundings), `${page}: ${dialect}`)
        shown.add(`${example.side} ${dialect}`)
      }
    }
  }
  const wanted = [...dialectKinds.keys()].map((dialect) => `guest ${dialect}`)
  t.same([...shown].sort(), [...wanted, 'host ovirt'].sort(), 'each of them is shown')
})

test('every option that the pages name in a line is one', async (t) => {
  const named = pages.flatMap((page) =>
    [...readFileSync(join(root, 'docs', page), 'utf8').matchAll(/`(options = \{.+?\})`/g)].map(
      ([, options]) => ({ page, options }),
    ),
  )
  t.ok(named.length > 0)
  for (const { page, options } of named) {
    const [{ side, text } = { side: 'guest' as const, text: '' }] = examplesOf(page)
    const { dialects } = await load(t, { side, text: `${text}${options}\n` })
    for (const mount of dialects) {
      const open = await dialectKinds.get(mount.dialect)?.()
      const surroundings = { side, clock: systemClock, log: silentLog }
      t.ok(open?.({ ...surroundings, options: mount.options ?? {} }), `${page}: ${options}`)
    }
  }
})

/** What each of the old hosts wants done that changes a guest, as its dialect calls it. */
const wantedOf: readonly (readonly [page: string, calls: readonly string[]])[] = [
  ['dialects.md', ['appmonitor-shell']],
  [
    'dialects-openstack.md',
    ['set-password root', 'apply-network --json', 'apply-network confirm', 'kms-activate'],
  ],
  [
    'dialects-ovirt.md',
    [
      'power shutdown --delay 0 --message x',
      'power reboot --delay 0 --message x',
      'power hibernate',
      'power suspend',
      'session lock',
      'session log-off',
      'ovirt-lifecycle before_migration',
    ],
  ],
]

test('the rules on these pages allow what the old hosts did, and without them what changes a guest is denied', (t) => {
  for (const [page, calls] of wantedOf) {
    const blocks = blocksOf(page).filter(({ language }) => language === 'policy guest')
    const local = blocks.map(({ text }) => text).join('')
    const rules = (text: string) => {
      const { rules: parsed, problems } = parsePolicy([
        { file: '30-local.policy', path: '', text },
        { file: '90-default.policy', path: '', text: shipped },
      ])
      t.same(problems, [], page)
      return parsed
    }
    for (const call of calls) {
      const [command = '', ...args] = call.split(' ')
      const question = { caller: host, target: self, command, args }
      t.equal(decide(rules(local), question, 'guest').kind, 'allow', `${page}: ${call}`)
      const isDenied = shipped.includes(`\n${command} `)
      const { kind } = decide(rules(''), question, 'guest')
      t.equal(kind, isDenied ? 'deny' : 'allow', `as shipped: ${call}`)
    }
  }
  t.end()
})

test('each page has numbered steps that stop the old agent, mount the dialect and start the daemon anew', (t) => {
  for (const page of pages) {
    const text = readFileSync(join(root, 'docs', page), 'utf8')
    const [, steps = ''] = /^(1\. [^]*?)^(?:## |\| )/m.exec(text) ?? []
    for (const part of [
      /^1\. .*(?:stop|disable)/im,
      /guest\.toml/,
      /^4\. .*systemctl restart negotiator-guest/m,
    ])
      t.match(steps, part, page)
  }
  t.end()
})
