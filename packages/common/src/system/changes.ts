/**
 * The commands that change the system, and those beside them, each with the shapes of what it prints with `--json`: a command with
 * several tasks has one for each.
 * Floor 1.
 */
import type * as z from 'zod/mini'
import {
  appliedNetworkSchema,
  lastNetworkChangeSchema,
  networkDecisionSchema,
  networkPreviewSchema,
} from './apply-network.js'
import { fileGetSchema, filePutSchema } from './files.js'
import { powerSchema } from './power.js'
import { lastUpdateSchema, updateSchema } from './self-update.js'
import { sessionSchema } from './session.js'
import { setHostNameSchema } from './set-host-name.js'
import { passwordAnswerSchema } from './set-password.js'
import { sshKeyChangeSchema, sshKeysSchema } from './ssh-key.js'

/** By the command's words: its name, and what else decides what it answers. */
export const changeSchemas: Readonly<Record<string, z.ZodMiniType>> = {
  'apply-network': appliedNetworkSchema,
  'apply-network --dry-run': networkPreviewSchema,
  'apply-network confirm': networkDecisionSchema,
  'apply-network rollback': networkDecisionSchema,
  'apply-network show': lastNetworkChangeSchema,
  'file-get --facts': fileGetSchema,
  'file-put': filePutSchema,
  power: powerSchema,
  'self-update': updateSchema,
  'self-update --last': lastUpdateSchema,
  session: sessionSchema,
  'set-host-name': setHostNameSchema,
  'set-password': passwordAnswerSchema,
  'ssh-key add': sshKeyChangeSchema,
  'ssh-key list': sshKeysSchema,
  'ssh-key remove': sshKeyChangeSchema,
}
