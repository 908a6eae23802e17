import type { Match } from './match.js'
import { NOISE_LIMIT } from './noise.js'
import { REFERENCE, type Row } from './rows.js'
import type { Estimate } from './statistics.js'

const HEADINGS = [
  'work',
  'contestant',
  '× net',
  '95 %',
  'goal',
  'CPU × net',
  '× native',
  'goal',
  'CPU/message',
  'p50',
  'p99',
  'speed',
]

/** The scoreboard as text, one line for each match. */
export function table(rows: Row[], matches: Match[]): string {
  const lines = rows.flatMap((row) => {
    const ofRow = matches.filter((match) => match.row === row.name)
    const native = ofRow.find(({ contestant }) => contestant === 'native')
    return ofRow.map((match) => cells(row, match, native))
  })
  const all = [HEADINGS, ...lines]
  const widths = HEADINGS.map((_, column) =>
    Math.max(...all.map((line) => line[column]?.length ?? 0)),
  )
  const print = (line: string[]): string =>
    line
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return column < 2 ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  return [print(HEADINGS), rule, ...lines.map(print)].join('\n')
}

function cells(row: Row, match: Match, native: Match | undefined): string[] {
  const { contestant, speed, cpu, absolute } = match
  const goal = row.goals[contestant] ?? {}
  // A ratio of two ratios: these two were not played against each other.
  const ofNative = native && native !== match ? speed.median / native.speed.median : undefined
  return [
    row.title,
    contestant === REFERENCE ? `${REFERENCE} (A/A)` : contestant,
    speed.median.toFixed(2),
    interval(speed),
    verdict(speed.median, goal.net),
    cpu.median.toFixed(2),
    ofNative?.toFixed(2) ?? '',
    ofNative === undefined ? '' : verdict(ofNative, goal.native),
    microseconds(absolute.cpuSeconds * 1e6),
    absolute.p50 === undefined ? '' : microseconds(absolute.p50),
    absolute.p99 === undefined ? '' : microseconds(absolute.p99),
    row.work === 'one-way'
      ? `${(row.size / absolute.seconds / 1e9).toFixed(2)} GB/s`
      : `${Math.round(1 / absolute.seconds)}/s`,
  ]
}

function interval({ low, high }: Estimate): string {
  return `${low.toFixed(2)}–${high.toFixed(2)}`
}

function verdict(reached: number, goal: number | undefined): string {
  return goal === undefined ? '' : `${reached >= goal ? '✓' : '✗'} ${goal.toFixed(1)}`
}

function microseconds(value: number): string {
  return Number.isNaN(value) ? '?' : `${value.toFixed(value < 10 ? 2 : 1)} µs`
}

/** Warnings about rounds that counted although others were loud. */
export function warnings(matches: Match[]): string[] {
  return matches.flatMap(({ row, contestant, noise }) => {
    const worst = Math.max(...noise.map((level) => (level ? level.others + level.stolen : 0)))
    if (worst <= NOISE_LIMIT) return []
    const share = `${(worst * 100).toFixed(0)} %`
    return [`${row}, ${contestant}: others took up to ${share} of the machine in a round`]
  })
}
