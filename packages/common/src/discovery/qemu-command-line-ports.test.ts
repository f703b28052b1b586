import { test } from 'tap'
import { hostToGuest } from './channel-names.js'
import { parseQemuCommandLine } from './qemu-command-line.js'
import type { QemuMachine } from './qemu-command-line.js'

function parse(args: readonly string[], folder: string | undefined = '/srv'): QemuMachine {
  return parseQemuCommandLine({ argv: ['/usr/bin/qemu-system-x86_64', ...args], folder })
}

/** What comes of a port with this chardev: its socket, or why there is none. */
function socketOf(chardev: string, folder?: string): string | undefined {
  const args = ['-chardev', chardev, '-device', `virtserialport,chardev=c0,name=${hostToGuest}`]
  const { sockets, unreachable } = parse(args, folder)
  return sockets[hostToGuest] ?? unreachable[hostToGuest]
}

test('parseQemuCommandLine() takes the keys of a chardev in any order and either spelling', (t) => {
  const spellings = [
    'socket,id=c0,path=/run/a,server=on,wait=off',
    'socket,path=/run/a,server,nowait,id=c0',
    'backend=socket,id=c0,path=/run/a,server=yes',
    'id=c0,wait=off,server=true,path=/run/a,backend=socket',
    'socket,id=c0,path=/run/a,server=y,abstract=off,logfile=/x,,y',
    'socket,id=c0,path=/run/a,server=on,noabstract',
  ]
  for (const spelling of spellings) t.equal(socketOf(spelling), '/run/a', spelling)
  t.equal(socketOf('socket,id=c0,path=/run/a,,b,,c,server=on'), '/run/a,b,c')
  t.end()
})

test('parseQemuCommandLine() says why it cannot tell a socket', (t) => {
  t.match(socketOf('pty,id=c0'), 'its chardev is a "pty", not a socket')
  t.match(socketOf('socket,id=c0,fd=33,server=on'), /inherited its socket.*fd=/)
  t.match(socketOf('socket,id=c0,host=localhost,port=7,server=on'), /network socket/)
  t.match(socketOf('socket,id=c0,path=a,abstract=on,server=on'), /abstract/)
  t.match(socketOf('socket,id=c0,path=/run/a'), /does not listen/)
  t.match(socketOf('socket,id=c0,path=/run/a,noserver'), /does not listen/)
  t.match(socketOf('socket,id=other,path=/run/a,server=on'), 'its chardev is not on the command line')
  t.match(
    parse(['-device', `virtserialport,name=${hostToGuest}`]).unreachable[hostToGuest],
    'its chardev is not on the command line',
  )
  t.end()
})

test('parseQemuCommandLine() resolves a relative path in the folder of the process, if that is known', (t) => {
  t.equal(socketOf('socket,id=c0,path=a.sock,server=on', '/srv/web1'), '/srv/web1/a.sock')
  t.equal(socketOf('socket,id=c0,path=../a.sock,server=on', '/srv/web1'), '/srv/a.sock')
  const hidden = [
    '-chardev',
    'socket,id=c0,path=a.sock,server=on',
    '-device',
    `virtserialport,chardev=c0,name=${hostToGuest}`,
  ]
  const { sockets, unreachable } = parseQemuCommandLine({ argv: ['kvm', ...hidden], folder: undefined })
  t.same(sockets, {})
  t.match(unreachable[hostToGuest], /path "a\.sock" is relative to a folder that we cannot tell/)
  t.end()
})

test('parseQemuCommandLine() does not resolve the path of a QEMU that has left the folder it was started in', (t) => {
  const chardev = [
    '-chardev',
    'socket,id=c0,path=a.sock,server=on',
    '-device',
    `virtserialport,chardev=c0,name=${hostToGuest}`,
  ]
  t.match(
    parse([...chardev, '-daemonize']).unreachable[hostToGuest],
    /relative to a folder that we cannot tell/,
  )
  t.match(parse(['--daemonize', ...chardev]).sockets, {})
  t.end()
})

test('parseQemuCommandLine() takes ports only, and only ours', (t) => {
  const chardev = ['-chardev', 'socket,id=c0,path=/run/a,server=on']
  const devices = [
    `virtconsole,chardev=c0,name=${hostToGuest}`,
    'virtserialport,chardev=c0,name=org.qemu.guest_agent.0',
    'virtserialport,chardev=c0',
    JSON.stringify({ driver: 'virtconsole', chardev: 'c0', name: hostToGuest }),
    '{"driver":"virtserialport", no JSON',
    '{}',
  ]
  for (const device of devices) t.same(parse([...chardev, '-device', device]), parse([]), device)
  t.same(parse([...chardev, '-device', `driver=virtserialport,name=${hostToGuest},chardev=c0`]).sockets, {
    [hostToGuest]: '/run/a',
  })
  t.end()
})

test('parseQemuCommandLine() finds the monitor wherever it is put', (t) => {
  const chardev = ['-chardev', 'socket,id=m0,path=/run/qmp,server=on,wait=off']
  for (const args of [
    ['-qmp', 'unix:/run/qmp,server=on,wait=off'],
    ['-qmp-pretty', 'unix:/run/qmp,server,nowait'],
    ['-qmp', 'stdio', '-qmp', 'tcp:localhost:4444,server=on', '-qmp', 'unix:path=/run/qmp,server=on'],
    [...chardev, '-qmp', 'chardev:m0'],
    [...chardev, '-mon', 'chardev=m0,mode=control'],
    [...chardev, '-mon', 'm0,mode=control,pretty=on'],
  ]) {
    t.equal(parse(args).monitor, '/run/qmp', args.join(' '))
  }
  t.equal(parse(['-qmp', 'unix:qmp,,1,server=on'], '/srv/web1').monitor, '/srv/web1/qmp,1')
  t.end()
})

test('parseQemuCommandLine() takes no monitor that does not listen, or that is for people', (t) => {
  const chardev = ['-chardev', 'socket,id=m0,path=/run/qmp,server=on,wait=off']
  for (const args of [
    ['-qmp', 'unix:/run/qmp'],
    ['-qmp', 'chardev:m0'],
    ['-qmp', 'none'],
    ['-monitor', 'unix:/run/qmp,server=on,wait=off'],
    [...chardev, '-mon', 'chardev=m0,mode=readline'],
    [...chardev, '-mon', 'm0'],
    [...chardev, '-mon', 'chardev=other,mode=control'],
    ['-mon', 'mode=control'],
  ]) {
    t.equal(parse(args).monitor, undefined, args.join(' '))
  }
  t.end()
})
