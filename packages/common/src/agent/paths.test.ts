import { test } from 'tap'
import { pathsBelow } from './paths.js'

test('pathsBelow() / gives the paths of a real machine', (t) => {
  t.same(pathsBelow('/', 'host'), {
    config: '/etc/negotiator/host.toml',
    controlSocket: '/run/negotiator/host.sock',
    commands: '/usr/lib/negotiator/commands',
    state: '/var/lib/negotiator',
    auditFile: '/var/log/negotiator/host-audit.log',
    policy: '/etc/negotiator/policy.d',
    hooks: '/etc/negotiator/hooks.d',
    extras: '/etc/negotiator/extras.d',
  })
  t.same(pathsBelow('/', 'guest'), {
    config: '/etc/negotiator/guest.toml',
    controlSocket: '/run/negotiator/guest.sock',
    commands: '/usr/lib/negotiator/commands',
    state: '/var/lib/negotiator',
    auditFile: '/var/log/negotiator/guest-audit.log',
    policy: '/etc/negotiator/policy.d',
    hooks: '/etc/negotiator/hooks.d',
    extras: '/etc/negotiator/extras.d',
  })
  t.end()
})

test('pathsBelow() another root gives the same below it', (t) => {
  t.same(pathsBelow('/tmp/demo/', 'guest'), {
    config: '/tmp/demo/etc/negotiator/guest.toml',
    controlSocket: '/tmp/demo/run/negotiator/guest.sock',
    commands: '/tmp/demo/usr/lib/negotiator/commands',
    state: '/tmp/demo/var/lib/negotiator',
    auditFile: '/tmp/demo/var/log/negotiator/guest-audit.log',
    policy: '/tmp/demo/etc/negotiator/policy.d',
    hooks: '/tmp/demo/etc/negotiator/hooks.d',
    extras: '/tmp/demo/etc/negotiator/extras.d',
  })
  t.end()
})
