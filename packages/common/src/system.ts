/**
 * The shapes of what system commands answer, for both sides: types, and schemas that check an answer.
 * A door of its own, so that the programs do not load the library behind the schemas at their start.
 */
export { activeUserSchema } from './system/active-user.js'
export type { ActiveUser } from './system/active-user.js'
export { applicationsSchema } from './system/applications.js'
export type { Application, Applications } from './system/applications.js'
export { containersSchema } from './system/containers.js'
export type { Container, Containers } from './system/containers.js'
export { cpusSchema } from './system/cpus.js'
export type { Cpus } from './system/cpus.js'
export { disksUsageSchema } from './system/disks-usage.js'
export type { DisksUsage, FileSystemUsage } from './system/disks-usage.js'
export { disksSchema } from './system/disks.js'
export type { Disk, Disks } from './system/disks.js'
export { hostNameSchema } from './system/host-name.js'
export type { HostName } from './system/host-name.js'
export { loadSchema } from './system/load.js'
export type { Load } from './system/load.js'
export { memoryStatsSchema } from './system/memory-stats.js'
export type { MemoryStats } from './system/memory-stats.js'
export { memorySchema } from './system/memory.js'
export type { Memory } from './system/memory.js'
export { networkInterfacesSchema } from './system/network-interfaces.js'
export type { NetworkInterface, NetworkInterfaces } from './system/network-interfaces.js'
export { canonicalIpv6 } from './system/netmask.js'
export { networkRequestSchema, readNetworkRequest } from './system/network-record.js'
export type { NetworkRecord, NetworkRequest, RecordAddress, RecordRoute } from './system/network-record.js'
export { osInfoSchema } from './system/os-info.js'
export type { OsInfo } from './system/os-info.js'
export { timeSchema } from './system/time.js'
export type { Time } from './system/time.js'
export { timezoneSchema } from './system/timezone.js'
export type { Timezone } from './system/timezone.js'
export { usersSchema } from './system/users.js'
export type { Login, Users } from './system/users.js'
export { topicSchemas } from './system/topics.js'
export {
  appliedNetworkSchema,
  lastNetworkChangeSchema,
  networkDecisionSchema,
  networkPreviewSchema,
} from './system/apply-network.js'
export type {
  AppliedInterface,
  AppliedNetwork,
  LastNetworkChange,
  NetworkDecision,
  NetworkPreview,
  NoNetworkChange,
} from './system/apply-network.js'
export { changeSchemas } from './system/changes.js'
export { fileGetSchema, filePutSchema } from './system/files.js'
export type { FileFacts, FileGetAnswer, FilePutAnswer } from './system/files.js'
export { powerSchema } from './system/power.js'
export type { PowerAction, PowerAnswer } from './system/power.js'
export { lastUpdateSchema, updateSchema } from './system/self-update.js'
export type { LastUpdate, UpdateAnswer, UpdateState } from './system/self-update.js'
export { sessionSchema } from './system/session.js'
export type { LoginSession, SessionAction, SessionAnswer } from './system/session.js'
export { setHostNameSchema } from './system/set-host-name.js'
export type { HostsLine, SetHostNameAnswer } from './system/set-host-name.js'
export { passwordAnswerSchema } from './system/set-password.js'
export type { PasswordAnswer } from './system/set-password.js'
export { sshKeyChangeSchema, sshKeysSchema } from './system/ssh-key.js'
export type { SshKey, SshKeyChange, SshKeys } from './system/ssh-key.js'
