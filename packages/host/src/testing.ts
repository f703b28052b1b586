/** For the stories; never imported by a program. */
export { checkDriver } from './drivers/check-driver.js'
export type { DriverStage, MakeDriverStage, WantedGuest } from './drivers/check-driver.js'
export type { Driver, FoundGuest } from './drivers/driver.js'
export { createDrivers } from './drivers/drivers.js'
export { isOfInterest, namesIn } from './drivers/libvirt/event-line.js'
export { namesByUuid, uuidsIn } from './drivers/libvirt/listing.js'
export { QmpReader } from './drivers/qemu/qmp-reader.js'
