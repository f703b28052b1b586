/**
 * The ratios of a bench as a picture: a bar for each, from 1 to the left or to the right, on a logarithmic scale. Pure.
 *
 * It is plain SVG without a script, and follows the reader's light or dark colours.
 */
import type { MeasuredRatio, MeasuredRow } from './row.js'
import { goalText, number } from './table.js'

const widthPx = 960
const rowPx = 34
const topPx = 44
const bottomPx = 12
/** Where the bars lie, from the least to the most of the scale. */
const left = 40
const right = widthPx - 40

interface Bar {
  readonly title: string
  readonly ratio: MeasuredRatio
}

/** @returns an SVG document of all rows that are compared with something */
export function benchPlot(rows: readonly MeasuredRow[]): string {
  const bars = rows.flatMap(({ title, ratios }) =>
    // A flow that stood still has no place on such a scale.
    ratios.filter(({ value }) => value > 0).map((ratio): Bar => ({ title: shortened(title), ratio })),
  )
  const place = scaleOf(bars)
  const heightPx = topPx + bars.length * rowPx + bottomPx
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${widthPx} ${heightPx}" role="img">`,
    '<title>Negotiator beside the floor and the rivals, as ratios</title>',
    `<style>${style}</style>`,
    `<rect class="ground" width="${widthPx}" height="${heightPx}"/>`,
    ...ticksOf(bars).map((value) => tick({ value, x: place(value), heightPx })),
    ...bars.map((bar, index) => barLines({ bar, y: topPx + index * rowPx, place })),
    '</svg>\n',
  ].join('\n')
}

const style = `
text { font: 12px sans-serif; fill: #1f2328 }
.ground { fill: #ffffff } .tick { stroke: #d0d7de } .goal { stroke: #1f2328; stroke-width: 2 }
.met { fill: #2da44e } .missed { fill: #cf222e } .free { fill: #6e7781 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .ground { fill: #0d1117 } .tick { stroke: #30363d } .goal { stroke: #e6edf3 }
  .met { fill: #3fb950 } .missed { fill: #f85149 } .free { fill: #8b949e }
}
`

type Place = (value: number) => number

/** @returns where a ratio lies from left to right; 1 and all goals are on the scale */
function scaleOf(bars: readonly Bar[]): Place {
  const { least, most } = endsOf(bars)
  const [from, to] = [Math.log10(least), Math.log10(most)]
  return (value) => left + ((Math.log10(value) - from) / (to - from)) * (right - left)
}

/** Powers of ten around everything. */
function endsOf(bars: readonly Bar[]): { readonly least: number; readonly most: number } {
  const values = [1, ...bars.flatMap(({ ratio }) => [ratio.value, ...limitsOf(ratio)])]
  const least = 10 ** Math.floor(Math.log10(Math.min(...values)))
  const most = 10 ** Math.ceil(Math.log10(Math.max(...values)))
  return { least, most: Math.max(most, least * 10) }
}

function limitsOf({ goal }: MeasuredRatio): readonly number[] {
  if (goal === undefined) return []
  return ['atMost' in goal ? goal.atMost : goal.atLeast]
}

function ticksOf(bars: readonly Bar[]): readonly number[] {
  const { least, most } = endsOf(bars)
  const count = Math.round(Math.log10(most / least))
  return Array.from({ length: count + 1 }, (_, index) => least * 10 ** index)
}

function tick({ value, x, heightPx }: { value: number; x: number; heightPx: number }): string {
  return [
    `<line class="tick" x1="${px(x)}" x2="${px(x)}" y1="${topPx - 12}" y2="${heightPx - bottomPx}"/>`,
    `<text x="${px(x)}" y="${topPx - 20}" text-anchor="middle">${Number(value.toPrecision(1))} x</text>`,
  ].join('\n')
}

function barLines({ bar, y, place }: { bar: Bar; y: number; place: Place }): string {
  const { title, ratio } = bar
  const [start, end] = [place(1), place(ratio.value)].toSorted((one, other) => one - other)
  const kind = ratio.goal === undefined ? 'free' : ratio.goal.isMet ? 'met' : 'missed'
  const goal = ratio.goal === undefined ? '' : `, goal ${goalText(ratio.goal)}`
  const x = px(start ?? left)
  return [
    `<text x="${left}" y="${y + 12}">${escaped(`${title}: ${number(ratio.value)} x ${ratio.to}${goal}`)}</text>`,
    `<rect class="${kind}" x="${x}" y="${y + 17}" width="${px((end ?? left) - (start ?? left))}" height="9"/>`,
    ...limitsOf(ratio).map((limit) => goalLine({ x: place(limit), y })),
  ].join('\n')
}

function goalLine({ x, y }: { x: number; y: number }): string {
  return `<line class="goal" x1="${px(x)}" x2="${px(x)}" y1="${y + 14}" y2="${y + 29}"/>`
}

/** What a title says of its figures is of no use here. */
function shortened(title: string): string {
  return title.replace(/: p50.*$/, '')
}

function px(value: number): string {
  return value.toFixed(1)
}

/** Text as it may stand in XML; the table's backquotes are of no use here. */
function escaped(text: string): string {
  return text.replaceAll('`', '').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
