/** What the host and the guest package use; nothing else of this package may be imported. */
export { Agent } from './agent/agent.js'
export { shippedPolicyName } from './agent/carried-policy.js'
export { openAgent } from './agent/open-agent.js'
export type { OpenedAgent, Shipped } from './agent/open-agent.js'
export type { PeerIdentity } from './agent/agent.js'
export { configToml, loadConfig } from './agent/config.js'
export type { Config } from './agent/config-settings.js'
export type { ConfigSource } from './agent/config.js'
export type { CarriedCommands } from './agent/carried-commands.js'
export type { CarriedAddon } from './agent/carried-koffi.js'
export { unpackFiles } from './agent/unpack.js'
export type { CarriedFile } from './agent/unpack.js'
export { openHooks } from './agent/open-hooks.js'
export type { Hooks } from './hooks/hooks.js'
export type { HookOutcome, HookResult, PhaseRequest, PhaseRun, RunPhase, Subject } from './hooks/outcome.js'
export type { PhaseName } from './hooks/phase.js'
export type { Link } from './agent/link.js'
export { localHello } from './agent/local-hello.js'
export { incompleteModule, loadOwnModule } from './agent/own-module.js'
export type { OwnModule } from './agent/own-module.js'
export { pathsBelow } from './agent/paths.js'
export type { Paths, Side } from './agent/paths.js'
export type {
  DialectSurroundings,
  ExchangeSurroundings,
  OpenDialect,
  OpenExchange,
} from './agent/mounts/built-in.js'
export { Mount } from './agent/mounts/mount.js'
export type { MountGround, MountStatus } from './agent/mounts/mount.js'
export type { MountSettings } from './agent/mounts/mount-settings.js'
export { keepConnected } from './agent/reconnect.js'
export { openMetrics } from './metrics/open-metrics.js'
export type { OfferedMetrics } from './metrics/open-metrics.js'
export type { CatalogueEntry } from './call/catalogue.js'
export type { IncomingCall } from './call/call.js'
export { writeJsonLine } from './call/json-lines.js'
export type { Caller } from './policy/caller.js'
export { decide } from './policy/decide.js'
export { parsePolicy } from './policy/parse.js'
export { matchesGlob } from './policy/glob.js'
export type { GlobPiece } from './policy/glob.js'
export type { ParsedRule } from './policy/parse-rule.js'
export { findPeer } from './call/find-peer.js'
export { isCallable } from './call/peer.js'
export type { Directory, Obstacle, Peer, PeerState } from './call/peer.js'
export type { Channel, ChannelReceiver } from './channel/channel.js'
export { assertSocketPath, connectSocket, SocketChannel } from './channel/socket-channel.js'
export { ReadTurns } from './channel/read-turns.js'
export { delay, inTime, systemClock } from './clock.js'
export type { Clock, Timer } from './clock.js'
export { Answers } from './control/answers.js'
export type { MachineNeeds } from './control/answers.js'
export { callOver, outcomeOf } from './control/call.js'
export type { Call, Outcome } from './control/call.js'
export { Client } from './control/client.js'
export type { CallOptions, CallTarget, RunOptions } from './control/client.js'
export type { PeerStatus, PeerSummary } from './control/peer-status.js'
export { ControlServer } from './control/server.js'
export { channelNames, guestToHost, hostToGuest } from './discovery/channel-names.js'
export type { ChannelName } from './discovery/channel-names.js'
export type {
  Answer,
  CollectedEnd,
  Dialect,
  LegacyOutcome,
  LegacyRequest,
  LineHabits,
  Switchboard,
  WantedCall,
} from './dialects/dialect.js'
export type { Exchange, Letter, LetterFault, MountableExchange } from './dialects/exchange.js'
export { parseDomainXml } from './discovery/domain-xml.js'
export type { DomainDescription } from './discovery/domain-xml.js'
export { findPort, kernelFolders } from './discovery/virtio-ports.js'
export type { DeviceFolders } from './discovery/virtio-ports.js'
export {
  DeniedError,
  NegotiatorError,
  PeerError,
  sentenceOf,
  SystemError,
  systemCodeOf,
  UsageError,
} from './errors.js'
export { createLog, escapeControl, silentLog } from './log.js'
export type { Log, LogFields, LogLevel } from './log.js'
export { importKoffi } from './native/koffi.js'
export type { FindKoffi, Koffi } from './native/koffi.js'
export { didYouMean } from './nearest.js'
export type { Role } from './wire/frame.js'
export type { SignalName } from './wire/message.js'
export type { MachineAction, MachineRequest } from './wire/request.js'
export type { FailureKind, Result } from './wire/result.js'
export type { StageTimings } from './wire/timings.js'
export { version } from './version.js'
export { json, table } from './terminal/print.js'
export type { Output } from './terminal/print.js'
export { lastCommand } from './terminal/program-context.js'
export type { MakeSubcommand, ProgramContext, ProgramOptions } from './terminal/program-context.js'
export type { RunningDaemon, StartDaemon } from './terminal/daemon.js'
export { inheritedSocketReason, isQemu, parseQemuCommandLine } from './discovery/qemu-command-line.js'
export type { QemuMachine } from './discovery/qemu-command-line.js'
export { isGuestFile, readSocketFolder } from './discovery/socket-folder.js'
export type { SocketFolder, SocketFolders } from './discovery/socket-folder.js'
export { parseUuid } from './discovery/uuid.js'
export { auditCheck } from './doctor/audit.js'
export { dialectsCheck } from './doctor/dialects.js'
export { commandsCheck } from './doctor/commands.js'
export { policyCheck } from './doctor/policy.js'
export { daemonCheck, isDaemon, isPythonNegotiator } from './doctor/daemon.js'
export { askDaemon } from './doctor/daemon-answer.js'
export type { DaemonAnswer, DaemonAudit, DaemonPeer, DaemonStatus } from './doctor/daemon-answer.js'
export { readDenials, sentenceOfDenial } from './doctor/denials.js'
export type { Denial } from './doctor/denials.js'
export { localUsersCheck } from './doctor/local-users.js'
export { examine } from './doctor/examine.js'
export type { Check, CheckedFinding } from './doctor/examine.js'
export type { Fault, Finding, Healthy, Severity } from './doctor/finding.js'
export { nameOf, Processes } from './doctor/processes.js'
export type { RunningProcess } from './doctor/processes.js'
export { reportOf } from './doctor/report.js'
export type { Report } from './doctor/report.js'
export { openScene } from './doctor/open-scene.js'
export { programOf, restartLine } from './doctor/scene.js'
export type { Scene } from './doctor/scene.js'
export {
  formatDuration,
  parseByteCount,
  parseDurationMs,
  wantedByteCount,
  wantedDuration,
} from './quantities.js'
export { replaceFile } from './replace-file.js'
export { shellWord } from './shell-word.js'
export { UnixSockets } from './doctor/unix-sockets.js'
export type { SocketUse } from './doctor/unix-sockets.js'
export { versionFindings } from './doctor/versions.js'
export { whyUnsafe } from './registry/safety.js'
export { walk } from './registry/walk.js'
export { guestPieceBytes } from './limits.js'
