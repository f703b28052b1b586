import { test } from 'tap'
import { createLog, escapeControl, silentLog } from './log.js'
import type { LogLevel } from './log.js'

function linesOf({ level, format }: { level: LogLevel; format: 'text' | 'json' }): {
  lines: string[]
  log: ReturnType<typeof createLog>
} {
  const lines: string[] = []
  return { lines, log: createLog({ level, format, write: (line) => void lines.push(line) }) }
}

test('a log shows its level and what matters more', (t) => {
  const shown = (level: LogLevel): string[] => {
    const { lines, log } = linesOf({ level, format: 'text' })
    log.debug('d')
    log.info('i')
    log.warn('w')
    log.error('e')
    return lines.map((line) => line.split(' ')[0] ?? '')
  }
  t.same(shown('error'), ['error'])
  t.same(shown('warn'), ['warn', 'error'])
  t.same(shown('info'), ['info', 'warn', 'error'])
  t.same(shown('debug'), ['debug', 'info', 'warn', 'error'])
  t.end()
})

test('a text line is the level, the sentence and the facts, without the unknown ones', (t) => {
  const { lines, log } = linesOf({ level: 'info', format: 'text' })
  log.info('Served a call', { command: 'find disk', code: 3, isLast: true, reason: undefined })
  t.same(lines, ['info  Served a call command="find disk" code=3 isLast=true\n'])
  t.end()
})

test('a text line stays one line, whatever the other side sent', (t) => {
  const { lines, log } = linesOf({ level: 'info', format: 'text' })
  log.warn('bad\nerror forged', { name: 'a\r\nb\u001b[2J' })
  t.same(lines, ['warn  bad\\x0aerror forged name="a\\\\x0d\\\\x0ab\\\\x1b[2J"\n'])
  t.end()
})

test('a JSON line holds time, level, message and the facts, and is one line', (t) => {
  const { lines, log } = linesOf({ level: 'info', format: 'json' })
  log.error('Cannot\nread', { path: '/a\nb', count: 2 })
  t.equal(lines.length, 1)
  t.match(lines[0], /^[^\n]*\n$/)
  const { time, ...rest } = JSON.parse(lines[0] ?? '') as Record<string, unknown>
  t.same(rest, { level: 'error', message: 'Cannot\nread', path: '/a\nb', count: 2 })
  t.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000)
  t.end()
})

test('silentLog says nothing and takes everything', (t) => {
  silentLog.error('e', { a: 1 })
  silentLog.debug('d')
  t.end()
})

test('escapeControl() leaves text alone and shows what would drive a terminal', (t) => {
  t.equal(escapeControl('Grüße, 世界 ~ "ok"'), 'Grüße, 世界 ~ "ok"')
  t.equal(escapeControl('\u0000\t\n\u001b\u007f\u0085\u009b'), '\\x00\\x09\\x0a\\x1b\\x7f\\x85\\x9b')
  t.equal(escapeControl('a\u202eb\u2066c\u2028'), 'a\\u202eb\\u2066c\\u2028')
  t.end()
})

test('a line of JSON has nothing that a terminal obeys, and says the same', (t) => {
  const { lines, log } = linesOf({ level: 'info', format: 'json' })
  const agent = '\u202ehonest\u0000\u001b[2J\u007f\u009b\u2066\u200f'
  log.info('Ready \u202e', { agent })
  t.match(lines[0], /^[\x20-\x7e]+\n$/)
  t.match(JSON.parse(lines[0] ?? ''), { message: 'Ready \u202e', agent })
  t.end()
})
