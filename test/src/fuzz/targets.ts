/**
 * All that is fuzzed. A new parser of what a peer or an administrator writes gets its line here, and seeds in test/corpus/.
 */
import type { Target } from './target.js'
import { policyTarget, settingsTarget } from './targets/administrator.js'
import { catalogueTarget } from './targets/catalogue.js'
import { classicCallerTarget, classicReaderTarget, classicServerTarget } from './targets/classic.js'
import { configTarget } from './targets/config.js'
import { decoderTarget } from './targets/decoder.js'
import {
  domainXmlTarget,
  qemuCommandLineTarget,
  qmpTarget,
  virshEventTarget,
  virshListTarget,
} from './targets/discovery.js'
import { openStackTarget, xenStoreReaderTarget } from './targets/openstack.js'
import { helloTarget, messagesTarget, requestTarget, resultTarget } from './targets/payloads.js'
import { callingSessionTarget, servingSessionTarget } from './targets/session.js'

export const targets: readonly Target[] = [
  decoderTarget,
  helloTarget,
  messagesTarget,
  requestTarget,
  resultTarget,
  servingSessionTarget,
  callingSessionTarget,
  classicReaderTarget,
  classicServerTarget,
  classicCallerTarget,
  catalogueTarget,
  domainXmlTarget,
  virshListTarget,
  virshEventTarget,
  qemuCommandLineTarget,
  qmpTarget,
  configTarget,
  policyTarget,
  settingsTarget,
  xenStoreReaderTarget,
  openStackTarget,
]
