// The scoreboard as a picture: SVG by hand, which takes its colours from the reader's theme.

import { entryOf, type Entry } from './contestants.js'
import { round } from './goals.js'
import type { Match } from './match.js'
import type { Results } from './results.js'
import type { Row } from './rows.js'
import { ROWS } from './scoreboard.js'

const WIDTH = 860
const LABELS = 265
const PLOT = WIDTH - LABELS - 150
const BAR = 11
const GAP = 10
const TOP = 46

/** One bar: a contestant's ratio to `net`. Of memory it is turned round, so that more is better. */
interface Bar {
  name: string
  kind: Entry['kind']
  ratio: number
}

interface Group {
  title: string
  bars: Bar[]
}

const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #24292f }
.small { font-size: 10px; fill: #57606a }
.ours { fill: #0969da } .net { fill: #afb8c1 } .native { fill: #8250df } .peer { fill: #bf8700 }
.grid { stroke: #d0d7de } .one { stroke: #24292f }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .small { fill: #9198a1 }
.ours { fill: #4493f8 } .net { fill: #656c76 } .native { fill: #ab7df8 } .peer { fill: #d29922 }
.grid { stroke: #3d444d } .one { stroke: #e6edf3 }
}`

const LEGEND: [Entry['kind'], string][] = [
  ['ours', 'local-socket, best'],
  ['net', 'net, best habit'],
  ['peer', 'best other package'],
  ['native', 'native'],
]

/** Draws, for each row, the best of ours beside the best of each other kind. */
export function chart({ matches }: Results): string {
  const groups = ROWS.map((row) => group(row, matches)).filter(({ bars }) => bars.length > 0)
  const ratios = groups.flatMap(({ bars }) => bars.map(({ ratio }) => ratio))
  const low = Math.min(0.5, ...ratios)
  const high = Math.max(2, ...ratios)
  const x = (ratio: number): number =>
    LABELS + (PLOT * Math.log(ratio / low)) / Math.log(high / low)
  let y = TOP
  const drawn = groups.map((one) => {
    const top = y
    y += one.bars.length * BAR + GAP
    return drawGroup(one, top, x)
  })
  const title = 'Speed as a ratio to node:net, logarithmic; of memory, how much less'
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 6}" role="img">`,
    `<title>${title}</title>`,
    `<style>${STYLE}</style>`,
    legend(),
    grid(low, high, y, x),
    ...drawn,
    '</svg>',
    '',
  ].join('\n')
}

function group(row: Row, matches: Match[]): Group {
  const ofRow = matches.filter(
    ({ row: name, contestant, reference }) => name === row.name && contestant !== reference,
  )
  const best = (kind: Entry['kind']): Bar[] => {
    const bars = ofRow
      .filter(({ contestant }) => entryOf(contestant).kind === kind)
      .map((match) => ({ name: match.contestant, kind, ratio: gain(match) }))
      .filter(({ ratio }) => ratio > 0)
      .toSorted((a, b) => b.ratio - a.ratio)
    return bars.slice(0, 1)
  }
  return { title: row.title, bars: LEGEND.flatMap(([kind]) => best(kind)) }
}

function gain({ memory, speed }: Match): number {
  return memory === undefined ? speed.median : 1 / memory.median
}

function drawGroup({ title, bars }: Group, top: number, x: (ratio: number) => number): string {
  const middle = top + (bars.length * BAR) / 2 + 4
  const label = `<text x="${LABELS - 10}" y="${middle}" text-anchor="end">${escaped(title)}</text>`
  const drawn = bars.map(({ name, kind, ratio }, i) => {
    const y = top + i * BAR
    const [from, to] = ratio >= 1 ? [x(1), x(ratio)] : [x(ratio), x(1)]
    const text = escaped(`${round(ratio)} ${name}`)
    const width = Math.max(1, to - from).toFixed(1)
    return [
      `<rect class="${kind}" x="${from.toFixed(1)}" y="${y}" width="${width}" height="${BAR - 2}"/>`,
      words(text, to, y + BAR - 3),
    ].join('')
  })
  return [label, ...drawn].join('\n')
}

/** Beside the bar's end, or before it where there is no room. */
function words(text: string, end: number, y: number): string {
  const fits = end + text.length * 5.6 < WIDTH
  const place = fits ? `x="${(end + 4).toFixed(1)}"` : `x="${WIDTH - 2}" text-anchor="end"`
  return `<text class="small" ${place} y="${y}">${text}</text>`
}

function legend(): string {
  return LEGEND.map(([kind, text], i) => {
    const x = LABELS + i * 145
    return `<rect class="${kind}" x="${x}" y="6" width="10" height="10"/><text x="${x + 15}" y="15">${text}</text>`
  }).join('\n')
}

function grid(low: number, high: number, bottom: number, x: (ratio: number) => number): string {
  return [0.01, 0.1, 0.5, 1, 2, 5, 10, 20, 50, 100]
    .filter((ratio) => ratio >= low && ratio <= high)
    .map((ratio) => {
      const at = x(ratio).toFixed(1)
      const style = ratio === 1 ? 'one' : 'grid'
      return [
        `<line class="${style}" x1="${at}" x2="${at}" y1="${TOP - 8}" y2="${bottom}"/>`,
        `<text class="small" x="${at}" y="${TOP - 12}" text-anchor="middle">${ratio}×</text>`,
      ].join('')
    })
    .join('\n')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
