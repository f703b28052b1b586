/**
 * A Debian 12 guest, whose own Node is too old: the single executable under supervisord and then under systemd, with the
 * files that are shipped for both, byte for byte, and calls both ways with a host's daemon.
 */
import { randomUUID } from 'node:crypto'
import { shellWord } from '@negotiator/common'
import { topicSchemas } from '@negotiator/common/system'
import { inOwnUnit } from '@negotiator/host/testing'
import { test } from 'tap'
import type { Test } from 'tap'
import { setDebianStage } from './machine/debian-story.js'
import { family, printArguments } from './scripts.js'
import type { Script } from './machine/story.js'

/** A bound for what takes seconds on an idle machine: starting the daemon, a unit, the system, under emulation. */
const slowMs = 180_000

/** Ends by itself soon: under supervisord a command outlives a daemon that is killed. */
const nap: Script = { name: 'nap', text: '#!/bin/sh\necho napping; exec sleep 3\n' }

/** docs/install.md, "Remove it". */
const removal = `set -e
systemctl stop negotiator-guest
rm -f /etc/udev/rules.d/60-negotiator-guest.rules /etc/systemd/system/negotiator-guest.service
rm -rf /etc/systemd/system/negotiator-guest.service.d /etc/sysusers.d/negotiator.conf
rm -f /usr/lib/systemd/system-sleep/negotiator /etc/qemu/fsfreeze-hook.d/negotiator
systemctl daemon-reload
udevadm control --reload
rm /usr/local/bin/negotiator-guest
groupdel negotiator
rm -rf /var/lib/negotiator /run/negotiator /etc/systemd/system/negotiator-host.service /var/log/supervisor/negotiator-guest.log`

const installProgram = `set -e
install -m 755 /media/negotiator-guest /usr/local/bin/negotiator-guest
groupadd --system negotiator
mkdir -p /usr/lib/negotiator/commands
install -m 755 /media/commands/* /usr/lib/negotiator/commands/`

/** A process that has ended may still be listed, as a zombie. */
const untilGone = (ids: string): string => `for id in ${ids}; do
  while grep -qs '^State:.[^Z]' /proc/$id/status; do sleep 0.1; done
done`

test('a Debian guest', { timeout: 1_800_000 }, async (t) => {
  const { host, client, vm, run } = await setDebianStage(t, {
    guestCommands: [printArguments, family, nap],
    hostCommands: [printArguments],
  })

  await t.test('there is no Node, and none is needed', async (t) => {
    t.match(await vm.console.run('node --version'), { status: 127 })
    await run(installProgram)
    t.match(await run('negotiator-guest --version'), /^\d+\.\d+\.\d+$/)
  })

  await t.test('supervisord starts the daemon when its file is put in place', async (t) => {
    await run('cp /media/packaging/supervisor/negotiator-guest.conf /etc/supervisor/conf.d/')
    t.equal(await run('supervisorctl update'), 'negotiator-guest: added process group')
    await client.wait('deb1', { timeoutMs: slowMs })
    t.match(await run('supervisorctl status'), /^negotiator-guest +(STARTING|RUNNING)/)
  })

  const callGuest = async (t: Test): Promise<void> => {
    const call = { target: 'deb1', command: 'print-arguments', args: ['two words', 'größe'] }
    t.equal((await client.run(call)).stdout.toString(), '[two words][größe]')
  }

  /** Starting a program takes seconds where it is emulated, so this is done where the guest's own calls could fail. */
  const callBothWays = async (t: Test): Promise<void> => {
    await callGuest(t)
    t.equal(await run('negotiator-guest run guest-name'), 'deb1')
  }

  await t.test('calls go both ways, to shipped commands and to its own', async (t) => {
    await callBothWays(t)
    const { stdout } = await client.run({ target: 'deb1', command: 'find-distribution-codename' })
    t.equal(stdout.toString(), 'bookworm\n')
    t.equal(await run("negotiator-guest run print-arguments 'two words' größe"), '[two words][größe]')
  })

  await t.test('it tells of itself, as the schemas say', async (t) => {
    const told = new Map<string, unknown>()
    const ask = async (command: string): Promise<void> => {
      const { stdout, stderr, ...result } = await client.run({ target: 'deb1', command, args: ['--json'] })
      t.match(result, { kind: 'exited', code: 0 }, `${command}: ${stderr.toString()}`)
      told.set(command, JSON.parse(stdout.toString()))
    }
    await Promise.all(Object.keys(topicSchemas).map(ask))
    for (const [name, schema] of Object.entries(topicSchemas))
      t.ok(schema.safeParse(told.get(name)).success, `${name}: ${JSON.stringify(told.get(name))}`)
    t.match(told.get('os-info'), { distributionId: 'debian', version: '12', codename: 'bookworm' })
    t.match(told.get('applications'), { packageManager: 'dpkg' })
    t.match(JSON.stringify(told.get('applications')), '{"name":"systemd",')
    t.match(told.get('time'), { saidBy: 'systemd' })
  })

  await t.test('its ports are waited for by events, not on a timer', async (t) => {
    const log = await run('cat /var/log/supervisor/negotiator-guest.log')
    t.match(log, /"message":"Started"/)
    t.notMatch(log, /looked at on a timer/)
    for (const line of log.trimEnd().split('\n')) t.match(JSON.parse(line), { time: /^\d{4}-/, message: /./ })
    t.match(await run('supervisorctl tail negotiator-guest'), /"message":"/)
    t.match(
      await run('cat /proc/$(supervisorctl pid negotiator-guest)/maps'),
      /var\/lib\/negotiator\/native\/koffi.node/,
    )
  })

  await t.test('a daemon that is killed is started again', async (t) => {
    const id = await run('supervisorctl pid negotiator-guest')
    const call = client.call({ target: 'deb1', command: 'nap' })
    await new Promise<void>((resolve) => call.stdout.once('data', () => resolve()))
    await run(`kill -9 ${id}`)
    t.match(await call.result, { kind: 'lost' })
    await client.wait('deb1', { timeoutMs: slowMs })
    t.not(await run('supervisorctl pid negotiator-guest'), id)
    await callGuest(t)
  })

  await t.test('a stop ends the commands, tells their callers and leaves no socket', async (t) => {
    const call = client.call({ target: 'deb1', command: 'family', args: ['/tmp/family'] })
    await new Promise<void>((resolve) => call.stdout.once('data', () => resolve()))
    t.equal(await run('supervisorctl stop negotiator-guest'), 'negotiator-guest: stopped')
    t.match(await call.result, { kind: 'lost' })
    await run(untilGone('$(cat /tmp/family)'))
    t.equal(await run('ls /run/negotiator'), '')
  })

  await t.test('a group that is in /etc/group may use the socket', async (t) => {
    await run('supervisorctl start negotiator-guest')
    await client.wait('deb1', { timeoutMs: slowMs })
    t.match(await run('stat -c "%a %U %G" /run/negotiator/guest.sock'), '660 root negotiator')
  })

  await t.test('systemd finds nothing wrong with the units', async (t) => {
    await run('rm /etc/supervisor/conf.d/negotiator-guest.conf; supervisorctl update; groupdel negotiator')
    await run(`cd /media/packaging/systemd
      cp negotiator-guest.service negotiator-host.service negotiator-guests.service /etc/systemd/system/
      install -D -m 644 negotiator.sysusers.conf /etc/sysusers.d/negotiator.conf
      install -D -m 644 60-negotiator-guest.rules /etc/udev/rules.d/`)
    t.equal(
      await run(
        'ln -s negotiator-guest /usr/local/bin/negotiator-host; systemd-analyze verify negotiator-guest.service negotiator-host.service negotiator-guests.service 2>&1; rm /usr/local/bin/negotiator-host',
      ),
      '',
    )
    await run('systemd-sysusers && getent group negotiator')
  })

  await t.test('the unit of managed guests has them taken down when it is stopped', async (t) => {
    await run(`printf '#!/bin/sh\\necho "$@" >/tmp/asked' >/usr/local/bin/negotiator-host
      chmod +x /usr/local/bin/negotiator-host
      systemctl daemon-reload; systemctl start negotiator-guests`)
    t.equal(await run('ls /tmp/asked 2>/dev/null || systemctl is-active negotiator-guests'), 'active')
    await run('systemctl stop negotiator-guests')
    t.equal(await run('cat /tmp/asked'), 'guest host-shutdown --timeout 240')
    await run('rm /usr/local/bin/negotiator-host /etc/systemd/system/negotiator-guests.service')
  })

  await t.test('a machine that a service has started outlives the service', async (t) => {
    const uuid = randomUUID()
    const machine = inOwnUnit(['sh', '-c', 'setsid sleep 1000 & echo $! >/tmp/machine'], uuid)
    const service = `${machine.map(shellWord).join(' ')}; exec sleep 1000`
    await run(`systemd-run --quiet --unit=stand-in --property=KillMode=mixed sh -c ${shellWord(service)}
      until [ -s /tmp/machine ]; do sleep 0.1; done
      systemctl stop stand-in`)
    t.match(await run('cat /proc/$(cat /tmp/machine)/cgroup'), `/negotiator-guest-${uuid}.scope`)
    await run('kill $(cat /tmp/machine)')
  })

  await t.test('udev starts the unit, for the port is there', async (t) => {
    await run(
      'systemctl daemon-reload; udevadm control --reload; udevadm trigger --settle --subsystem-match=virtio-ports',
    )
    await client.wait('deb1', { timeoutMs: slowMs })
    t.equal(await run('systemctl is-active negotiator-guest'), 'active')
    t.match(await run('stat -c "%a %U %G" /run/negotiator/guest.sock'), '660 root negotiator')
    await callBothWays(t)
  })

  await t.test('systemd starts a killed daemon again, and no command outlives it', async (t) => {
    const call = client.call({ target: 'deb1', command: 'family', args: ['/tmp/family2'] })
    await new Promise<void>((resolve) => call.stdout.once('data', () => resolve()))
    const id = await run('systemctl show --property MainPID --value negotiator-guest')
    await run(`kill -9 ${id}`)
    t.match(await call.result, { kind: 'lost' })
    await run(untilGone('$(cat /tmp/family2)'))
    await client.wait('deb1', { timeoutMs: slowMs })
    t.not(await run('systemctl show --property MainPID --value negotiator-guest'), id)
    await callGuest(t)
  })

  await t.test(
    'the restrictions of lock-down.conf leave the daemon and reading commands alone',
    async (t) => {
      await run(`mkdir -p /etc/systemd/system/negotiator-guest.service.d
      cp /media/packaging/systemd/lock-down.conf /etc/systemd/system/negotiator-guest.service.d/
      systemctl daemon-reload; systemctl restart negotiator-guest`)
      await client.wait('deb1', { timeoutMs: slowMs })
      await callGuest(t)
      const refused = await client.run(
        { target: 'deb1', command: 'family', args: ['/etc/no-notes'] },
        { timeoutMs: 5000 },
      )
      t.match(refused.stderr.toString(), /Read-only file system/)
      await run(
        'rm -r /etc/systemd/system/negotiator-guest.service.d; systemctl daemon-reload; systemctl restart negotiator-guest',
      )
      await client.wait('deb1', { timeoutMs: slowMs })
    },
  )

  await t.test('an unplugged port stops the unit, and a plugged one starts it', async (t) => {
    await vm.qmp('device_del', { id: 'channel0' })
    await run('while systemctl is-active --quiet negotiator-guest; do sleep 0.2; done')
    t.equal((await vm.console.run('systemctl is-active negotiator-guest')).stdout, 'inactive\n')
    t.equal(await run('ls /run/negotiator'), '')
    // The guest could not tell; its silence does.
    for await (const peers of client.watchPeers()) if (peers.every(({ state }) => state !== 'ready')) break
    const port = {
      driver: 'virtserialport',
      bus: 'virtio-serial0.0',
      chardev: 'charchannel0',
      id: 'channel0',
    }
    await vm.qmp('device_add', { ...port, name: 'negotiator-host-to-guest.0' })
    await client.wait('deb1', { timeoutMs: slowMs })
    await callGuest(t)
  })

  await t.test('after a reboot the unit is there by itself', async (t) => {
    await vm.reboot({ timeoutMs: slowMs })
    await client.wait('deb1', { timeoutMs: slowMs })
    await callBothWays(t)
    t.match((await host.cli(['guests'])).stdout, /deb1 +ready/)
  })

  await t.test(
    "nothing is left when it is removed as the manual says, but what is its user's own",
    async (t) => {
      await run(removal)
      t.equal(
        await run(
          'find / -xdev -path /media -prune -o -path /proc -prune -o -iname "*negotiator*" -print | grep -v console | sort',
        ),
        '/usr/lib/negotiator\n/var/log/negotiator',
      )
      t.equal((await vm.console.run('getent group negotiator')).stdout, '')
    },
  )
})
