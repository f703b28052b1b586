import { test } from 'tap'
import type { Footprint } from './footprint.js'
import { growthFaults } from './growth.js'

const warm: Footprint = {
  residentMib: 70,
  anonymousMib: 25,
  heapMib: 10,
  descriptors: 29,
  children: 0,
  threads: 12,
}

test('growthFaults() has nothing against a daemon that has less, or a little more memory', (t) => {
  t.same(growthFaults(warm, { ...warm, residentMib: 74.9, descriptors: 28 }), [])
  t.end()
})

test('growthFaults() tells what there is more of', (t) => {
  t.same(growthFaults(warm, { ...warm, residentMib: 76 }), ['1.0 MiB resident more than there may be'])
  t.same(growthFaults(warm, { ...warm, residentMib: 76 }, 20), [])
  t.same(growthFaults(warm, { ...warm, descriptors: 31, children: 1, threads: 13 }), [
    '2.0 descriptors more than there may be',
    '1.0 children more than there may be',
    '1.0 threads more than there may be',
  ])
  t.end()
})

test('growthFaults() finds a daemon that could not be looked at', (t) => {
  t.same(growthFaults(warm, { ...warm, residentMib: Number.NaN }), [
    'NaN MiB resident more than there may be',
  ])
  t.end()
})
