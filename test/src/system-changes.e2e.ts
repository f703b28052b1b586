/**
 * A host changes a guest: a password, keys, files, the name, and a restart. All of it for real, and only what the guest's administrator
 * has allowed.
 */
import { randomBytes } from 'node:crypto'
import { test } from 'tap'
import { execa } from 'execa'
import type { ImageFile } from './machine/image-contents.js'
import { setStage } from './machine/story.js'

const policy = `# What docs/system-commands.md says, but for "session".
set-password   +alice+@rest  @host  @self  allow
ssh-key        *             @host  @self  allow
file-put       *             @host  @self  allow
file-get       *             @host  @self  allow
set-host-name  *             @host  @self  allow
power          +reboot+@rest @host  @self  allow
`

/** chpasswd of this machine, and what PAM wants for it; busybox has none. */
const pamFolder = '/lib/x86_64-linux-gnu/security'
const guestFiles: readonly ImageFile[] = [
  { from: '/usr/sbin/chpasswd', to: '/usr/sbin/chpasswd' },
  ...['pam_unix.so', 'pam_permit.so'].map((name) => ({
    from: `${pamFolder}/${name}`,
    to: `${pamFolder}/${name}`,
  })),
  {
    to: '/etc/pam.d/chpasswd',
    content: 'account required pam_permit.so\npassword required pam_unix.so yescrypt\n',
  },
  { to: '/etc/shadow', content: 'root:*:19000::::::\nalice:$6$old$old:19000::::::\n', mode: 0o640 },
  { to: '/etc/negotiator/policy.d/30-local.policy', content: policy },
  {
    to: '/etc/negotiator/files.toml',
    content: 'write = ["/srv/**"]\nread = ["/srv/**"]\nmax-size = 1000000\n',
  },
  { to: '/srv/README', content: '' },
]

const secret = 'correct horse: größe'
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJDDD8VtM2TUXKxVT4DvFJEwlKzgmZ4HZW4bu08fYXgN host key'

test('a host changes its guest', { timeout: 600_000 }, async (t) => {
  const { client, host, guest } = await setStage(t, { guests: ['web1'], guestFiles })
  const vm = guest('web1')
  const call = async (args: readonly string[], stdin?: string | Uint8Array) => {
    const [command = '', ...rest] = args
    const ended = await client.run(
      { target: 'web1', command, args: rest },
      stdin === undefined ? {} : { stdin },
    )
    return { ...ended, stdout: ended.stdout.toString(), stderr: ended.stderr.toString() }
  }
  const inGuest = async (line: string): Promise<string> => (await vm.console.run(line)).stdout

  await t.test('what its administrator has not allowed is refused, with the rule', async (t) => {
    const reason =
      /^the policy of the called guest: rule 90-default\.policy:20 denies it; an administrator can allow it/
    t.match(await call(['session', 'lock']), { kind: 'denied', reason })
    t.match(await call(['set-password', 'root', '--unlock'], secret), {
      kind: 'denied',
      reason: /policy:22 denies it/,
    })
    t.match(await call(['power', 'shutdown']), { kind: 'denied' })
  })

  await t.test('a password: the user can log in by it, and nobody reads it in a log', async (t) => {
    t.match(await call(['set-password', 'alice', '--dry-run'], secret), {
      stdout: 'would set the password of alice\n',
    })
    t.equal(await inGuest('grep alice /etc/shadow'), 'alice:$6$old$old:19000::::::\n')
    t.match(await call(['set-password', 'alice'], secret), { code: 0, stderr: '' })
    const [, hash = ''] = (await inGuest('grep ^alice: /etc/shadow')).split(':')
    t.match(hash, /^\$y\$/)
    const { stdout } = await execa('perl', ['-e', 'print crypt($ARGV[0], $ARGV[1])', secret, hash])
    t.equal(stdout, hash)
    t.match(
      await inGuest('stat -c "%a %n" /etc/shadow /etc/shadow-'),
      /^6[04]0 \/etc\/shadow\n600 \/etc\/shadow-\n$/,
    )
    t.equal((await vm.console.run(`grep -rsl '${secret}' /var /tmp /etc`)).stdout, '')
    t.notMatch(vm.log.text + host.log, secret)
  })

  await t.test('keys are added beside those that are there, and removed', async (t) => {
    await inGuest('mkdir -m 700 /root/.ssh; echo "# mine" >/root/.ssh/authorized_keys')
    t.match(await call(['ssh-key', 'add', 'root'], key), { code: 0 })
    t.equal(await inGuest('cat /root/.ssh/authorized_keys'), `# mine\n${key}\n`)
    t.equal(await inGuest('stat -c "%a %U" /root/.ssh/authorized_keys'), '600 root\n')
    const { stdout } = await call(['ssh-key', 'list', 'root'])
    const [fingerprint = ''] = stdout.split(' ')
    t.equal(stdout, `${fingerprint} ssh-ed25519 host key\n`)
    t.match(await call(['ssh-key', 'remove', 'root'], fingerprint), { code: 0 })
    t.equal(await inGuest('cat /root/.ssh/authorized_keys'), '# mine\n')
  })

  await t.test('a file arrives as it was, and comes back', async (t) => {
    const content = randomBytes(300_001)
    const path = '/srv/a, b/größe'
    const put = await call(
      ['file-put', path, '--parents', '--mode', '0640', '--owner', 'alice', '--json'],
      content,
    )
    t.match(JSON.parse(put.stdout), { sizeBytes: content.length, mode: '0640', uid: 1000 })
    t.equal(await inGuest(`stat -c "%a %U" '${path}'`), '640 alice\n')
    const got = await client.run({ target: 'web1', command: 'file-get', args: [path] })
    t.ok(got.stdout.equals(content))
    const refused = await call(['file-put', '/etc/shadow'], 'root::19000::::::\n')
    t.match(refused, { code: 77, stderr: /has not listed it/ })
    t.match(await call(['file-put', '/srv/x'], randomBytes(1_000_001)), {
      code: 77,
      stderr: /more than 1000000 bytes/,
    })
    t.equal(await inGuest('ls -A /srv'), 'README\na, b\n')
  })

  await t.test('its name', async (t) => {
    await inGuest('echo "127.0.1.1 web1.lan web1" >>/etc/hosts')
    t.match(await call(['set-host-name', 'web-1.example.org']), {
      code: 0,
      stdout:
        /^is called web-1\.example\.org, was web1\n\/etc\/hosts says "127\.0\.1\.1 web-1\.example\.org web-1"/,
    })
    t.equal(await inGuest('cat /etc/hosts'), '127.0.0.1 localhost\n127.0.1.1 web-1.example.org web-1\n')
    t.equal(await inGuest('hostname; cat /etc/hostname'), 'web-1.example.org\nweb-1.example.org\n')
  })

  await t.test('a restart, whose answer arrives before', async (t) => {
    const before = vm.console.bootId
    const booted = vm.console.booted(before)
    t.match(await call(['power', 'reboot', '--delay', '1']), { code: 0, stdout: 'begins in 1 s: reboot\n' })
    t.not(await booted, before)
    await client.wait('web1', { timeoutMs: 120_000 })
    t.match(await call(['hello']), { code: 0 })
  })
})
