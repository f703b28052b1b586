import { test } from 'tap'
import { assertAllowed, checkedPath, noPaths, parsePathRules } from './path-rules.js'

test('parsePathRules() refuses what is wrong, all of it', (t) => {
  const cases: [text: string, reason: RegExp][] = [
    ['writes = []', /^there is no setting "writes"; the settings are write, read, max-size$/],
    ['write = "/etc/x"', /^"write" must be a list of absolute paths/],
    ['write = ["etc/x"]', /^"write" must be a list/],
    ['write = ["/etc/../x"]', /^"write" must be a list/],
    ['write = ["/**"]', /^"write" must be a list/],
    ['write = ["/etc/**/x"]', /^"write" must be a list/],
    ['read = ["/etc/a**"]', /^"read" must be a list of absolute paths such as "\/var\/log\/app.log"$/],
    ['read = [1]', /^"read" must be/],
    ['max-size = 0', /^"max-size" must be a number of bytes from 1 to 1073741824$/],
    ['max-size = 1.5', /^"max-size" must be/],
    ['max-size = "1MiB"', /^"max-size" must be/],
    ['write = [', /^Invalid TOML/],
  ]
  for (const [text, reason] of cases) {
    const sentence = (error: Error): boolean =>
      reason.test(error.message.replace('Cannot use /etc/negotiator/files.toml: ', ''))
    let thrown: unknown
    try {
      parsePathRules(text)
    } catch (error) {
      thrown = error
    }
    t.ok(thrown instanceof Error && sentence(thrown), `${text}: ${String(thrown)}`)
    t.match(thrown, { exitCode: 69 })
  }
  t.end()
})

test('assertAllowed() lets pass what a pattern covers, and nothing else', (t) => {
  const cases: [pattern: string, path: string, isAllowed: boolean][] = [
    ['/etc/app.conf', '/etc/app.conf', true],
    ['/etc/app.conf', '/etc/app_conf', false],
    ['/etc/*.conf', '/etc/app.conf', true],
    ['/etc/*.conf', '/etc/.conf', true],
    ['/etc/*.conf', '/etc/app/x.conf', false],
    ['/etc/a*b*c', '/etc/abc', true],
    ['/etc/a*b*c', '/etc/aXbXbc', true],
    ['/etc/a*b*c', '/etc/aXc', false],
    ['/etc/ab*ba', '/etc/aba', false],
    ['/srv/*/data', '/srv/one/data', true],
    ['/srv/*/data', '/srv/data', false],
    ['/srv/**', '/srv/a', true],
    ['/srv/**', '/srv/a/b/c', true],
    ['/srv/**', '/srv', false],
    ['/srv/**', '/srvx/a', false],
    ['/srv/*/**', '/srv/a/b', true],
    ['/srv/*/**', '/srv/a', false],
  ]
  for (const [pattern, path, isAllowed] of cases) {
    const ask = (): void => assertAllowed({ ...noPaths, write: [pattern] }, { access: 'write', path })
    if (isAllowed) t.doesNotThrow(ask, `${pattern} covers ${path}`)
    else t.throws(ask, /has not listed it/, `${pattern} does not cover ${path}`)
    t.throws(
      () => assertAllowed({ ...noPaths, write: [pattern] }, { access: 'read', path }),
      /has not listed it/,
    )
  }
  t.end()
})

test('checkedPath() takes a comma, blanks and any letters', (t) => {
  t.same(checkedPath('/etc/a,b/größe 1'), { folder: '/etc/a,b', name: 'größe 1' })
  t.same(checkedPath('/x'), { folder: '/', name: 'x' })
  t.end()
})

test('checkedPath() refuses what is not plain', (t) => {
  const paths = [
    '',
    '/',
    'etc/x',
    '/etc/',
    '/etc//x',
    '/etc/./x',
    '/etc/../x',
    '/etc/x\n',
    '/etc/\0',
    `/${'x'.repeat(256)}`,
  ]
  for (const path of paths) {
    const sentence = `Cannot use the path ${JSON.stringify(path)}: wanted an absolute one without "//", ".", ".." and control characters, such as /etc/app.conf`
    t.throws(() => checkedPath(path), { message: sentence })
  }
  t.end()
})
