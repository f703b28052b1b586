/**
 * What hypervisors say: libvirt's XML and lists, QEMU's command line and monitor. Whoever defines machines writes in it.
 */
import { isAbsolute } from 'node:path'
import { parseDomainXml, parseQemuCommandLine, parseUuid, PeerError, SystemError } from '@negotiator/common'
import { isOfInterest, namesByUuid, namesIn, QmpReader, uuidsIn } from '@negotiator/host/testing'
import { byteByByte, declared, holds, inPieces, same } from '../target.js'
import type { Target } from '../target.js'

const channelNames = ['negotiator-host-to-guest.0', 'negotiator-guest-to-host.0']

export const domainXmlTarget: Target = {
  name: 'domain-xml',
  promise:
    'throws nothing but a SystemError, follows nothing, and names a machine, its uuid and absolute paths',
  grammar: 'xml',
  tokens: [...channelNames, 'unix', 'virtio', 'bind', 'connect', 'spicevmc'],
  check: (input) => {
    const xml = input.toString()
    const read = declared(() => parseDomainXml(xml), [SystemError])
    if ('error' in read) return
    const { name, uuid, channels, sockets, elements } = read.value
    holds(name !== '' && parseUuid(uuid) === uuid, 'no name or no uuid')
    holds(!/<!DOCTYPE/.test(xml.slice(0, xml.indexOf('<domain'))), 'a document type')
    for (const path of Object.values(sockets)) holds(isAbsolute(path), 'a relative path')
    for (const each of channels) {
      const element = elements[each] ?? ''
      holds(element.startsWith('<channel') && xml.includes(element), 'an element is not in the text')
    }
  },
}

const testUuid = 'c7a5fdbd-edaf-9455-926a-d65c16db1809'

export const virshListTarget: Target = {
  name: 'virsh-list',
  promise: 'never throws, and gives uuids and names of one line',
  grammar: 'lines',
  tokens: [testUuid, 'running', 'paused'],
  check: (input) => {
    const listing = input.toString()
    for (const [uuid, name] of namesByUuid(listing)) {
      holds(parseUuid(uuid) === uuid, 'no uuid')
      holds(name !== '' && !name.includes('\n'), 'no name')
    }
    for (const uuid of uuidsIn(listing)) holds(parseUuid(uuid) === uuid, 'no uuid')
  },
}

export const virshEventTarget: Target = {
  name: 'virsh-event',
  promise: 'never throws, and names nobody but who is known',
  grammar: 'lines',
  tokens: ["event 'lifecycle' for domain '", "': Started Booted", 'web1', "web1': "],
  check: (input) => {
    const known = ['web1', 'web2', "web1': Started Booted\nweb2", "'", ' ']
    for (const line of input.toString().split('\n')) {
      const names = namesIn(line, known)
      holds(
        names.every((name) => known.includes(name)),
        'it names a stranger',
      )
      holds(typeof isOfInterest(line) === 'boolean', 'neither yes nor no')
    }
  },
}

export const qemuCommandLineTarget: Target = {
  name: 'qemu-command-line',
  promise: 'never throws, and gives uuids and absolute paths',
  grammar: 'lines',
  tokens: [
    ...channelNames,
    'server=on',
    'abstract=on',
    'fd=3',
    ',,',
    'virtserialport',
    '-daemonize',
    '{"driver":',
  ],
  check: (input) => {
    const argv = input.toString().split(/\0|\n/)
    for (const folder of ['/run/vm', undefined]) {
      const { uuid, sockets, monitor, name } = parseQemuCommandLine({ argv, folder })
      holds(uuid === undefined || parseUuid(uuid) === uuid, 'no uuid')
      holds(name === undefined || name !== '', 'an empty name')
      for (const path of [...Object.values(sockets), monitor ?? '/'])
        holds(isAbsolute(path), 'a relative path')
    }
  },
}

export const qmpTarget: Target = {
  name: 'qmp',
  promise: 'throws nothing but a PeerError, holds no more than a line, and reads the same however it is cut',
  grammar: 'json',
  tokens: ['{"QMP": {}}\n', '{"return": {}}\n', '{"event": "STOP"}\n', '"error"', '"return"'],
  check: (input) => {
    const whole = answersIn([input])
    for (const chunks of [inPieces(input), byteByByte(input.subarray(0, 4_096))])
      if (Buffer.concat(chunks).equals(input)) same(answersIn(chunks), whole, 'cut and whole differ')
  },
}

function answersIn(chunks: readonly Buffer[]): readonly unknown[] {
  const reader = new QmpReader('/run/qmp')
  const answers: unknown[] = []
  for (const chunk of chunks) {
    const read = declared(() => reader.push(chunk), [PeerError])
    // Answers before it are of no use to anybody: who asked is told of the fault.
    if ('error' in read) return [read.error.message]
    answers.push(...read.value)
  }
  return answers
}
