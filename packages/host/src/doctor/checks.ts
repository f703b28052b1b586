/**
 * The host's checks, in the order in which a fault of one explains those behind it.
 */
import {
  auditCheck,
  commandsCheck,
  daemonCheck,
  dialectsCheck,
  localUsersCheck,
  policyCheck,
} from '@negotiator/common'
import type { Check } from '@negotiator/common'
import { answersCheck } from './answers.js'
import { attachedCheck } from './attached.js'
import { channelFoldersCheck } from './channel-folders.js'
import { channelsCheck } from './channels.js'
import { confinementCheck } from './confinement.js'
import { driversCheck } from './drivers.js'
import type { HostScene } from './host-scene.js'
import { socketFilesCheck } from './socket-files.js'
import { twinsCheck } from './twins.js'

/** All of them; a new one is one more entry. */
export const hostChecks: readonly Check<HostScene>[] = [
  daemonCheck,
  driversCheck,
  commandsCheck,
  policyCheck,
  dialectsCheck,
  localUsersCheck,
  channelsCheck,
  channelFoldersCheck,
  socketFilesCheck,
  attachedCheck,
  answersCheck,
  twinsCheck,
  confinementCheck,
  auditCheck,
]
