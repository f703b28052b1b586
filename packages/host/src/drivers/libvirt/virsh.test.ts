import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '@negotiator/common'
import { FakeClock, settle, testFolder } from '@negotiator/common/testing'
import { test } from 'tap'
import type { Test } from 'tap'
import { askVirsh } from './virsh.js'

const signal = new AbortController().signal
const question = { uri: 'qemu:///system', commands: ['list', 'uri'], clock: systemClock, signal }

/** A program in the place of virsh. */
function program(t: Test, script: string): string {
  const path = join(testFolder(t), 'virsh')
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

test('askVirsh() gives what each command printed', async (t) => {
  // The real one prints no line break after what it echoes; so does this one, for its last argument.
  const virsh = program(
    t,
    `for script; do :; done
    printf '%s' "$script" | sed 's/; echo \\([^;]*\\)/\\1/g; s/uri/qemu:system\\n/g; s/list/a\\n\\nb\\n/; s/; //g'`,
  )
  t.same((await askVirsh({ ...question, program: virsh })).outputs, ['a\n\nb\n', 'qemu:system\n'])
})

test('askVirsh() says what to do where there is no virsh', async (t) => {
  await t.rejects(askVirsh({ ...question, program: '/nowhere/virsh' }), {
    code: 'virsh-missing',
    message:
      'Cannot ask libvirt: virsh is not installed; install it (Debian: libvirt-clients, Fedora: libvirt-client), ' +
      'or take "libvirt" out of "drivers" in the configuration',
  })
  const forbidden = program(t, '')
  chmodSync(forbidden, 0o644)
  await t.rejects(askVirsh({ ...question, program: forbidden }), {
    code: 'virsh-missing',
    message: /virsh cannot be run \(EACCES\)/,
  })
})

test("askVirsh() gives virsh's own words when it cannot connect", async (t) => {
  const refused = program(
    t,
    `echo "error: failed to connect to the hypervisor
error: Failed to connect socket to '/run/libvirt/libvirt-sock': Permission denied" >&2; exit 1`,
  )
  await t.rejects(askVirsh({ ...question, program: refused }), {
    code: 'libvirt-unreachable',
    message:
      'Cannot ask libvirt at qemu:///system: failed to connect to the hypervisor: Failed to connect socket to ' +
      "'/run/libvirt/libvirt-sock': Permission denied; is libvirtd running, and may we connect to it?",
  })
  await t.rejects(askVirsh({ ...question, program: program(t, 'exit 1') }), {
    code: 'libvirt-unreachable',
    message: /it did not say why/,
  })
})

test('askVirsh() waits for a libvirtd that hangs, but not for ever', async (t) => {
  const clock = new FakeClock()
  const asked = askVirsh({ ...question, clock, program: program(t, 'exec sleep 60') })
  const refused = t.rejects(asked, {
    code: 'libvirt-silent',
    message: /^Cannot ask libvirt at qemu:\/\/\/system: it has not answered for 20 s/,
  })
  await settle()
  await clock.advance(20_000)
  await refused
})

test('askVirsh() ends with its signal', async (t) => {
  const stop = new AbortController()
  const asked = askVirsh({ ...question, signal: stop.signal, program: program(t, 'exec sleep 60') })
  const refused = t.rejects(asked, { message: 'enough' })
  await settle()
  stop.abort(new Error('enough'))
  await refused
})
