/**
 * The guest's checks, in the order in which a fault of one explains those behind it.
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
import { clockCheck } from './clock.js'
import { confinementCheck } from './confinement.js'
import type { GuestScene } from './guest-scene.js'
import { holdersCheck } from './holders.js'
import { hostLinkCheck } from './host-link.js'
import { koffiCheck } from './koffi.js'
import { portsCheck } from './ports.js'
import { virtioSerialCheck } from './virtio-serial.js'

/** All of them; a new one is one more entry. */
export const guestChecks: readonly Check<GuestScene>[] = [
  daemonCheck,
  virtioSerialCheck,
  portsCheck,
  holdersCheck,
  hostLinkCheck,
  commandsCheck,
  policyCheck,
  dialectsCheck,
  localUsersCheck,
  koffiCheck,
  confinementCheck,
  auditCheck,
  clockCheck,
]
