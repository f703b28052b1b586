/**
 * How far a time zone is from UTC, by the table of zones that Node carries. Pure.
 */

/** Minutes east of UTC at a moment; `undefined` for a zone that is not known. */
export function offsetMinutesOf(timeZone: string, time: Date): number | undefined {
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    const text = format.formatToParts(time).find(({ type }) => type === 'timeZoneName')?.value ?? ''
    return parseOffset(text.replace('GMT', ''))
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Minutes east of UTC without daylight saving: the smaller of January's and July's. */
export function standardOffsetMinutesOf(timeZone: string, time: Date): number | undefined {
  const year = time.getUTCFullYear()
  const [january, july] = [0, 6].map((month) => offsetMinutesOf(timeZone, new Date(Date.UTC(year, month, 1))))
  return january === undefined || july === undefined ? undefined : Math.min(january, july)
}

/** `+02:00`, `-0330`, or nothing for UTC itself. */
export function parseOffset(text: string): number | undefined {
  if (text === '') return 0
  const [, sign, hours, minutes] = /^([-+])(\d\d):?(\d\d)/.exec(text) ?? []
  if (minutes === undefined) return undefined
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) || 0
}
