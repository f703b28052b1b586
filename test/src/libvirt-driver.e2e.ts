/**
 * The libvirt driver beside a real libvirtd: the contract of drivers, and what libvirt's domains bring with them. Machines
 * are started and stand still, so nothing boots.
 */
import { randomUUID } from 'node:crypto'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { guestToHost, hostToGuest, silentLog, systemClock } from '@negotiator/common'
import { checkDriver, createDrivers } from '@negotiator/host/testing'
import type { Driver, FoundGuest } from '@negotiator/host/testing'
import { domainXml } from './machine/domain-definition.js'
import { TestLibvirt } from './machine/libvirt.js'

const channels = [hostToGuest, guestToHost]

async function startLibvirt(t: Test): Promise<TestLibvirt> {
  const libvirt = await TestLibvirt.start({ log: (line) => t.comment(line) })
  t.teardown(async () => await libvirt.close())
  t.on('fail', () => void libvirt.log().then((text) => t.comment(text)))
  return libvirt
}

function driverOf(spec: string): Driver {
  const [driver] = createDrivers([spec], { clock: systemClock, log: silentLog })
  if (driver === undefined) throw new Error('No driver')
  return driver
}

async function list(driver: Driver): Promise<readonly FoundGuest[]> {
  return await driver.list(new AbortController().signal)
}

test('the libvirt driver', { timeout: 300_000 }, async (t) => {
  const libvirt = await startLibvirt(t)
  const makeDriver = (): Driver => driverOf(`libvirt:${libvirt.uri}`)

  await t.test('keeps the contract of drivers', async (t) => {
    await checkDriver(t, async () => {
      const uuids = new Map<string, string>()
      return await Promise.resolve({
        driver: makeDriver(),
        addGuest: async ({ name, uuid, channels }) => {
          uuids.set(name, uuid)
          await libvirt.virsh(
            'create',
            await libvirt.xmlFile(domainXml({ name, uuid, channels })),
            '--paused',
          )
        },
        removeGuest: async (name) => void (await libvirt.virsh('destroy', uuids.get(name) ?? '')),
      })
    })
  })
})
