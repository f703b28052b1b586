/** For the tests of all packages; never imported by a program. */
export { checkChannel } from './channel/check-channel.js'
export type { MakeChannelPair } from './channel/check-channel.js'
export { pairedChannels } from './channel/paired-channels.js'
export type { PairedChannel, PairedChannels } from './channel/paired-channels.js'
export { FakeClock, settle } from './fake-clock.js'
export { testFolder, writeCommand } from './test-folder.js'
export type { Teardown } from './test-folder.js'
