/**
 * Reads utmp(5), where programs without systemd-logind write down who logs in. Pure.
 */
import type { Login } from '@negotiator/common/system'

/** `ut_type` of somebody who is logged in. */
const userProcess = 7

/** Where fields lie. Where the C library's time has 64 bits for a record of its own age, a record is longer. */
const layouts = [
  { recordBytes: 384, timeAt: 340, is64Bit: false },
  { recordBytes: 400, timeAt: 344, is64Bit: true },
] as const
const fields = { type: 0, line: 8, user: 44, host: 76 } as const
const [lineBytes, userBytes, hostBytes] = [32, 32, 256]

/** Who is logged in; what is no such file holds nobody. */
export function parseUtmp(file: Buffer): readonly Login[] {
  const layout = layouts.find(({ recordBytes }) => file.length % recordBytes === 0)
  if (layout === undefined) return []
  const count = file.length / layout.recordBytes
  const records = Array.from({ length: count }, (_, index) =>
    file.subarray(index * layout.recordBytes, (index + 1) * layout.recordBytes),
  )
  return records
    .filter((record) => record.readInt16LE(fields.type) === userProcess)
    .map((record) => ({
      name: textAt(record, fields.user, userBytes),
      terminal: textAt(record, fields.line, lineBytes) || null,
      remoteHost: textAt(record, fields.host, hostBytes) || null,
      loginTime: timeOf(
        layout.is64Bit ? Number(record.readBigInt64LE(layout.timeAt)) : record.readInt32LE(layout.timeAt),
      ),
    }))
    .filter(({ name }) => name !== '')
}

function textAt(record: Buffer, at: number, byteCount: number): string {
  const field = record.subarray(at, at + byteCount)
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end < 0 ? byteCount : end)
}

function timeOf(seconds: number): string | null {
  const time = new Date(seconds * 1000)
  return seconds <= 0 || Number.isNaN(time.getTime()) ? null : time.toISOString()
}
