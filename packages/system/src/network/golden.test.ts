/**
 * Each set of records in golden/, rendered for each backend, on a machine whose files are those of golden/before/.
 * The files beside the records are what comes of them; look at each of their lines before you change one.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { readNetworkRequest } from '@negotiator/common/system'
import { test } from 'tap'
import type { Backend } from './backend.js'
import { backends } from './detect.js'
import { planNetwork } from './plan.js'

const golden = join(import.meta.dirname, '../../golden')
const interfaces = [
  { name: 'eth0', mac: 'bc:76:4e:08:db:a9', master: undefined },
  { name: 'eth1', mac: 'bc:76:4e:08:db:aa', master: undefined },
]
const cases = readdirSync(golden).filter((name) => existsSync(join(golden, name, 'records.json')))

function filesBelow(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  const paths = names.map((name) => join(folder, name)).filter((path) => statSync(path).isFile())
  return new Map(paths.map((path) => [`/${relative(folder, path)}`, readFileSync(path, 'utf8')]))
}

const sourcesOf = ({ sources }: Backend): ReadonlyMap<string, string> =>
  new Map(
    [...filesBelow(join(golden, 'before'))].filter(([path]) =>
      sources.some((source) => path.startsWith(source.path)),
    ),
  )

for (const name of cases)
  for (const backend of backends)
    test(`${backend.name} renders the records of ${name}`, async (t) => {
      const request = readNetworkRequest(readFileSync(join(golden, name, 'records.json'), 'utf8'))
      const plan = planNetwork({ request, interfaces })
      const rendered = backend.render({ plan, existing: sourcesOf(backend) })
      const folder = join(golden, name, backend.name)
      t.strictSame(
        Object.fromEntries(rendered.map(({ path, content }) => [path, content])),
        Object.fromEntries(filesBelow(folder)),
      )
    })

test('every backend has files for every set of records', async (t) => {
  t.ok(cases.length >= 6)
  for (const name of cases)
    t.same(
      readdirSync(join(golden, name)).sort(),
      [...backends.map((one) => one.name), 'records.json'].sort(),
    )
})
