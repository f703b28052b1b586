/**
 * What the programs load at each start, before they know what is wanted of them; a bundler takes all that a door leads to, and
 * behind the index is a whole daemon.
 */
export { findOrUnpackPolicy, shippedPolicyName, unpackPolicy } from './agent/carried-policy.js'
export { unpackCommands } from './agent/carried-commands.js'
export { unpackKoffi } from './agent/carried-koffi.js'
export { systemClock } from './clock.js'
export { kernelFolders } from './discovery/virtio-ports.js'
export { reportOf } from './doctor/report.js'
export { returnFreedMemory } from './native/freed-memory.js'
export { findKoffiIn, findOnce } from './native/koffi.js'
export { returnStartPages } from './native/start-pages.js'
export { processOutput } from './terminal/print.js'
export { secondsOption } from './terminal/options.js'
export { processTerminal } from './terminal/process-terminal.js'
export { runProgram } from './terminal/program.js'
export { doctorOptions, tellFindings } from './terminal/subcommands/doctor.js'
export { openStackCommand } from './terminal/subcommands/openstack.js'
