/**
 * negotiator-host as a package: commands, policy and koffi's native half lie beside the bundle.
 */
import { join } from 'node:path'
import { findKoffiIn, shippedPolicyName } from '@negotiator/common/program'
import { runHostProgram } from './program.js'

const beside = (...names: string[]): string => join(import.meta.dirname, '..', ...names)

const policyFile = beside('policy', shippedPolicyName)

await runHostProgram({
  // The build copies them there.
  shipped: async () => ({
    commandFolders: ['host', 'both'].map((folder) => beside('commands', folder)),
    policyFile,
  }),
  shippedPolicy: async () => await Promise.resolve(policyFile),
  findKoffi: async () => await findKoffiIn(beside('native')),
})
