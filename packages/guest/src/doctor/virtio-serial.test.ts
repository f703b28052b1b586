import { hostToGuest } from '@negotiator/common'
import { test } from 'tap'
import { release, TestGuest } from './test-guest-scene.js'
import { virtioSerialCheck } from './virtio-serial.js'

const modules = `lib/modules/${release}`

/** A machine whose virtio-serial device nobody drives. */
function undriven(t: ConstructorParameters<typeof TestGuest>[0]): TestGuest {
  const guest = new TestGuest(t)
  guest.write('sys/bus/virtio/devices/virtio0/device', '0x0001\n')
  guest.write('sys/bus/virtio/devices/virtio1/device', '0x0003\n')
  return guest
}

test('a machine without the device is told to be given one on the host', async (t) => {
  t.match(await virtioSerialCheck.look(await new TestGuest(t).scene()), [
    { severity: 'error', code: 'no-virtio-serial', mend: /^On the host, `negotiator-host doctor GUEST`/ },
  ])
})

test('virtio_console that is not loaded is told, with the line that loads it, and turns green', async (t) => {
  const guest = undriven(t)
  guest.write(
    `${modules}/modules.dep`,
    'kernel/drivers/char/virtio_console.ko.xz: kernel/drivers/virtio/virtio.ko.xz\n',
  )
  guest.write('proc/modules', 'virtio_net 1 0 - Live 0x0\n')
  t.match(await virtioSerialCheck.look(await guest.scene()), [
    {
      severity: 'error',
      code: 'module-not-loaded',
      found:
        'the virtio-serial device is there, and the kernel does not drive it: the module virtio_console is not loaded',
      mend: /^modprobe virtio_console\n/,
    },
  ])
  guest.addPort(hostToGuest, 'vport0p1')
  t.same(await virtioSerialCheck.look(await guest.scene()), [])
})

test('virtio_console that the kernel does not have is told', async (t) => {
  const guest = undriven(t)
  guest.write(`${modules}/modules.dep`, 'kernel/drivers/net/virtio_net.ko:\n')
  t.match(await virtioSerialCheck.look(await guest.scene()), [
    { code: 'module-missing', found: new RegExp(`the kernel ${release} has no virtio_console$`) },
  ])
})

test('virtio_console that is forbidden to load by itself is told, with the file', async (t) => {
  const guest = undriven(t)
  guest.write(`${modules}/modules.dep`, 'kernel/drivers/char/virtio-console.ko:\n')
  guest.write('etc/modprobe.d/lock.conf', '# why not\nblacklist  virtio_console\n')
  t.match(await virtioSerialCheck.look(await guest.scene()), [
    { code: 'module-blacklisted', found: /is blacklisted in "\/etc\/modprobe\.d\/lock\.conf"$/ },
  ])
})

test('modules that went with a kernel upgrade are told', async (t) => {
  t.match(await virtioSerialCheck.look(await undriven(t).scene()), [
    { code: 'modules-gone', found: new RegExp(`"/lib/modules/${release}" is not there$`), mend: /Reboot/ },
  ])
})

test('a device that is not driven although the driver is there is told', async (t) => {
  const loaded = undriven(t)
  loaded.write('proc/modules', 'virtio_console 40960 2 - Live 0x0\n')
  t.match(await virtioSerialCheck.look(await loaded.scene()), [{ code: 'device-unbound' }])
  const builtIn = undriven(t)
  builtIn.write(`${modules}/modules.builtin`, 'kernel/drivers/char/virtio_console.ko\n')
  t.match(await virtioSerialCheck.look(await builtIn.scene()), [{ code: 'device-unbound' }])
})

test('a device on the PCI bus that virtio_pci does not show is told', async (t) => {
  const guest = new TestGuest(t)
  guest.write('sys/bus/pci/devices/0000:00:05.0/vendor', '0x1af4\n')
  guest.write('sys/bus/pci/devices/0000:00:05.0/device', '0x1003\n')
  guest.write(`${modules}/modules.dep`, 'kernel/drivers/virtio/virtio_pci.ko:\n')
  t.match(await virtioSerialCheck.look(await guest.scene()), [
    { code: 'module-not-loaded', found: /no driver shows it: the module virtio_pci is not loaded/ },
  ])
})

test('a device without ports is told', async (t) => {
  const guest = undriven(t)
  guest.write('sys/bus/virtio/devices/virtio1/driver/bind')
  t.match(await virtioSerialCheck.look(await guest.scene()), [{ severity: 'error', code: 'no-ports' }])
})

test('a guest that listens on sockets needs no device', async (t) => {
  const scene = await new TestGuest(t).scene()
  t.same(
    await virtioSerialCheck.look({ ...scene, config: { ...scene.config, 'channel-folder': '/run/c' } }),
    [],
  )
})
