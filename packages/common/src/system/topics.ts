/**
 * The commands that only tell, each with the shape of what it prints with `--json`.
 * Floor 1.
 */
import type * as z from 'zod/mini'
import { activeUserSchema } from './active-user.js'
import { applicationsSchema } from './applications.js'
import { containersSchema } from './containers.js'
import { cpusSchema } from './cpus.js'
import { disksSchema } from './disks.js'
import { disksUsageSchema } from './disks-usage.js'
import { hostNameSchema } from './host-name.js'
import { loadSchema } from './load.js'
import { memorySchema } from './memory.js'
import { memoryStatsSchema } from './memory-stats.js'
import { networkInterfacesSchema } from './network-interfaces.js'
import { osInfoSchema } from './os-info.js'
import { timeSchema } from './time.js'
import { timezoneSchema } from './timezone.js'
import { usersSchema } from './users.js'

/** By the command's name. */
export const topicSchemas: Readonly<Record<string, z.ZodMiniType>> = {
  'active-user': activeUserSchema,
  applications: applicationsSchema,
  containers: containersSchema,
  cpus: cpusSchema,
  disks: disksSchema,
  'disks-usage': disksUsageSchema,
  'host-name': hostNameSchema,
  load: loadSchema,
  memory: memorySchema,
  'memory-stats': memoryStatsSchema,
  'network-interfaces': networkInterfacesSchema,
  'os-info': osInfoSchema,
  time: timeSchema,
  timezone: timezoneSchema,
  users: usersSchema,
}
