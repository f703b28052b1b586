/** For the tests of all packages; never imported by a program. */
export { checkChannel } from './channel/check-channel.js'
export type { MakeChannelPair } from './channel/check-channel.js'
export { pairedChannels } from './channel/paired-channels.js'
export type { PairedChannel, PairedChannels } from './channel/paired-channels.js'
export { FakeClock, settle } from './fake-clock.js'
export { TestProcesses } from './doctor/test-processes.js'
export type { WaitingProcess } from './doctor/test-processes.js'
export { testAudit, testJudge } from './call/test-judge.js'
export { openStartProcess } from './process/open-start-process.js'
export { testShippedPolicy } from './policy/test-shipped-policy.js'
export { testScene, testStatus } from './doctor/test-scene.js'
export { testSeed } from './test-seed.js'
export { testFolder, writeCommand } from './test-folder.js'
export type { Teardown } from './test-folder.js'

// What is fuzzed, and what its conversations are made of.
export { catalogueFrom } from './call/catalogue.js'
export { readJsonLines } from './call/json-lines.js'
export type { Channel, ChannelReceiver } from './channel/channel.js'
export { ClassicCaller } from './dialects/classic/classic-caller.js'
export { classicDialect } from './dialects/classic/classic-dialect.js'
export { ClassicExchange } from './dialects/classic/classic-exchange.js'
export { MessageReader } from './dialects/classic/message-reader.js'
export { openOpenStackDialect } from './dialects/openstack/openstack-dialect.js'
export { XenStoreReader } from './dialects/xenstore/message.js'
export type { XenStoreMessage } from './dialects/xenstore/message.js'
export { connectXenStore } from './dialects/xenstore/client.js'
export { TestXenStoreServer } from './dialects/xenstore/test-xenstore-server.js'
export { CollectedCall } from './dialects/collected-call.js'
export { LegacyServer } from './dialects/legacy-server.js'
export { frameBytesMax, heartbeatDeadMs, heartbeatIntervalMs, payloadBytesMax } from './limits.js'
export { daemonMetrics, driverMetrics } from './metrics/daemon-metrics.js'
export { expositionOf } from './metrics/exposition.js'
export type { MetricDescription, MetricsFacts } from './metrics/metric.js'
export { peerMetrics } from './metrics/peer-metrics.js'
export { sentenceOfProblem } from './policy/fault.js'
export { parsePolicy } from './policy/parse.js'
export { parseSettings } from './registry/settings-file.js'
export { newCounters } from './session/counters.js'
export { Endpoint } from './session/endpoint.js'
export { LaneReader } from './session/lane-reader.js'
export type { ServingStream } from './session/serving-stream.js'
export type { Session } from './session/session.js'
export { localHello as localTestHello } from './session/session-pair.js'
export { Decoder } from './wire/decode.js'
export { cut, decode, decodeAll } from './wire/decoded.js'
export type { Decoded } from './wire/decoded.js'
export { encodeFrame } from './wire/encode.js'
export { objectFromPayload } from './wire/fields.js'
export { frameMarker, FrameType, openingMarker } from './wire/frame.js'
export type { Frame, FrameTypeByte, Role, SessionName } from './wire/frame.js'
export { encodeHello, encodeOpening, epochName, helloFrom, sessionNameOf } from './wire/hello.js'
export type { Hello } from './wire/hello.js'
export {
  decodeCredit,
  decodeEnd,
  decodePing,
  decodeReceived,
  decodeSignal,
  encodeCredit,
  encodeEnd,
  encodePing,
  encodeReceived,
  encodeSignal,
} from './wire/message.js'
export { decodeRequest, encodeRequest } from './wire/request.js'
export { decodeResult, encodeResult } from './wire/result.js'
