/**
 * The machine that this runs on.
 */
import { machine, networkInterfaces } from 'node:os'
import { statfs } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import type { Machine } from './machine.js'
import { runTool } from './run-tool.js'

/** The real one. */
export const localMachine: Machine = {
  root: '',
  run: runTool,
  now: () => new Date(),
  wait: async (milliseconds, signal) => await setTimeout(milliseconds, undefined, { signal }),
  architecture: machine(),
  networkInterfaces,
  statFileSystem: statfs,
}
