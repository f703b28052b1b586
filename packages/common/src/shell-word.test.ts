import { execFileSync } from 'node:child_process'
import { test } from 'tap'
import { shellWord } from './shell-word.js'

test('shellWord() leaves plain words alone', (t) => {
  for (const text of ['web1', '/run/guests/web-1.0/a.sock', 'qemu:///session']) t.equal(shellWord(text), text)
  t.end()
})

test('shellWord() gives a shell one word, whatever is in it', (t) => {
  for (const text of ['', 'two words', '$(reboot)', `it's "quoted"`, '`id`;&|<>*?\\', 'größe €', '~'])
    t.equal(execFileSync('/bin/sh', ['-c', `printf %s ${shellWord(text)}`]).toString(), text)
  t.end()
})
