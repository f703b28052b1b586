/**
 * `memory`: how much memory there is, and how much of it is free.
 */
import type { SystemCommand } from '../command.js'
import { memoryLines, readMemory } from './read-memory.js'

export const command: SystemCommand = {
  name: 'memory',
  run: async ({ machine }) => {
    const memory = await readMemory(machine)
    return { json: memory, lines: memoryLines(memory) }
  },
}
