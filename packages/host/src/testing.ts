/** For the stories; never imported by a program. */
export { checkDriver } from './drivers/check-driver.js'
export type { DriverStage, MakeDriverStage, WantedGuest } from './drivers/check-driver.js'
export type { Driver, FoundGuest } from './drivers/driver.js'
export { createDrivers } from './drivers/drivers.js'
