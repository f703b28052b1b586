import { test } from 'tap'
import {
  acknowledgeBytes,
  controlQueueBytesMax,
  deadlineGraceMs,
  frameBytesMax,
  frameHeaderBytes,
  freshnessMs,
  heartbeatDeadMs,
  heartbeatIntervalMs,
  inFlightBytesMax,
  laneQueueBytes,
  laneWindowBytes,
  openingBytesMax,
  openRetryMaxMs,
  openRetryMinMs,
  payloadBytesMax,
  reconnectMaxMs,
  reconnectMinMs,
} from './limits.js'

test('the longest frame is one write to a port, and its length fits into its field', (t) => {
  t.equal(frameBytesMax, 32_768)
  t.equal(payloadBytesMax + frameHeaderBytes, frameBytesMax)
  t.ok(payloadBytesMax <= 0xffff)
  t.ok(openingBytesMax < frameBytesMax, 'what a decoder holds stays below a frame')
  t.end()
})

test('a sender with full caps is always told to go on', (t) => {
  t.ok(acknowledgeBytes + frameBytesMax <= inFlightBytesMax)
  t.ok(laneWindowBytes <= inFlightBytesMax)
  t.ok(laneQueueBytes <= laneWindowBytes)
  t.ok(controlQueueBytesMax >= frameBytesMax)
  t.end()
})

test('waits stand in their order', (t) => {
  t.ok(freshnessMs < heartbeatIntervalMs)
  t.ok(2 * heartbeatIntervalMs < heartbeatDeadMs, 'one lost PING is not death')
  t.ok(openRetryMinMs <= openRetryMaxMs)
  t.ok(reconnectMinMs <= reconnectMaxMs)
  t.ok(deadlineGraceMs > freshnessMs)
  t.end()
})
