import { test } from 'tap'
import { isOfInterest, namesIn } from './event-line.js'

test('isOfInterest() takes what changes domains or their channels, and nothing else', (t) => {
  for (const line of [
    "event 'lifecycle' for domain 'web1': Started Booted",
    "event 'lifecycle' for domain 'web 1': Defined Renamed",
    "event 'device-added' for domain 'web1': channel2",
    "event 'device-removed' for domain 'web1': channel2",
  ]) {
    t.ok(isOfInterest(line), line)
  }
  for (const line of [
    "event 'rtc-change' for domain 'web1': 0",
    "event 'rtc-change' for domain 'x': event 'lifecycle' for domain 'web1': Started Booted",
    "event 'balloon-change' for domain 'web1': 1048576KiB",
    'qemu:///system',
    'events received: 4',
    '',
  ]) {
    t.notOk(isOfInterest(line), line)
  }
  t.end()
})

test('namesIn() gives the domain, whatever its name', (t) => {
  const names = ['web', 'web1', '--help', `lifecycle 'x'`, `it's: "1"`, "event 'lifecycle' for domain 'web'"]
  for (const name of names) {
    t.same(namesIn(`event 'lifecycle' for domain '${name}': Stopped Destroyed`, names), [name])
  }
  t.same(namesIn("event 'lifecycle' for domain 'new': Defined Added", names), [])
  t.end()
})

test('namesIn() gives all that a misleading name may stand for', (t) => {
  const names = ['web', "web': Started Booted"]
  t.same(namesIn("event 'lifecycle' for domain 'web': Started Booted': Stopped Destroyed", names), names)
  t.end()
})
