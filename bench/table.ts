import { entryOf } from './contestants.js'
import { round, spoken, verdicts } from './goals.js'
import type { Match } from './match.js'
import { NOISE_LIMIT } from './noise.js'
import type { Row } from './rows.js'
import { ROWS } from './scoreboard.js'
import type { Estimate } from './statistics.js'

const HEADINGS = [
  'work',
  'contestant',
  '× net',
  '95 %',
  'CPU × net',
  'receiver CPU × net',
  'CPU/message',
  'p50',
  'p99',
  'RSS server/client',
  'speed',
  'pairs',
  'goals',
]

/** The scoreboard as text, one line for each match. */
export function table(matches: Match[]): string {
  const lines = ROWS.flatMap((row) => {
    const ofRow = matches.filter((match) => match.row === row.name)
    return ofRow.map((match) => cells(row, match, ofRow))
  })
  const all = [HEADINGS, ...lines]
  const widths = HEADINGS.map((_, column) =>
    Math.max(...all.map((line) => line[column]?.length ?? 0)),
  )
  const print = (line: string[]): string =>
    line
      .map((cell, column) => {
        const width = widths[column] ?? 0
        const left = column < 2 || column === HEADINGS.length - 1
        return left ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  return [print(HEADINGS), rule, ...lines.map(print)].join('\n')
}

function cells(row: Row, match: Match, ofRow: Match[]): string[] {
  const { absolute, cpu, receiverCpu } = match
  const main = match.memory ?? match.speed
  return [
    row.title,
    contestantTitle(row, match),
    round(main.median),
    interval(main),
    round(cpu.median),
    receiverCpu === undefined ? '' : round(receiverCpu.median),
    microseconds(absolute.cpuSeconds * 1e6),
    absolute.p50 === undefined ? '' : microseconds(absolute.p50),
    absolute.p99 === undefined ? '' : microseconds(absolute.p99),
    [absolute.serverRss, absolute.clientRss].map(mebibytes).join('/'),
    absoluteSpeed(row, match),
    String(match.pairs.length),
    verdicts(row, match, ofRow).map(spoken).join(', '),
  ]
}

/** A contestant's name; the A/A pairs and references other than the row's are named as such. */
export function contestantTitle(row: Row, { contestant, reference }: Match): string {
  if (contestant === reference) return `${contestant} (A/A)`
  return reference === row.reference ? contestant : `${contestant} (÷ ${reference})`
}

export function interval({ low, high }: Estimate): string {
  return `${round(low)}–${round(high)}`
}

export function absoluteSpeed(row: Row, { absolute }: Match): string {
  const { seconds, bytesEach, idleCpuSeconds } = absolute
  if (bytesEach !== undefined) {
    const idle = idleCpuSeconds === undefined ? '' : `, ${round(idleCpuSeconds * 1000)} ms idle CPU`
    return `${(bytesEach / 1024).toFixed(1)} KiB each${idle}`
  }
  if (row.work !== 'one-way') return `${Math.round(1 / seconds).toLocaleString('en')}/s`
  return row.size < 4096
    ? `${(1e-6 / seconds).toFixed(2)} M/s`
    : `${(row.size / seconds / 1e9).toFixed(2)} GB/s`
}

function microseconds(value: number): string {
  return Number.isNaN(value) ? '?' : `${value.toFixed(value < 10 ? 2 : 1)} µs`
}

function mebibytes(bytes: number | undefined): string {
  return bytes === undefined ? '–' : `${Math.round(bytes / 2 ** 20)}`
}

/** How speed and CPU time change from one connection to a thousand, as lines of text. */
export function scaling(matches: Match[]): string[] {
  return matches
    .filter(({ row }) => row === 'active-1000')
    .flatMap((many) => {
      const one = matches.find(
        ({ row, contestant }) => row === 'active-1' && contestant === many.contestant,
      )
      if (one === undefined) return []
      const speed = round(one.absolute.seconds / many.absolute.seconds)
      const cpu = round(many.absolute.cpuSeconds / one.absolute.cpuSeconds)
      const { contestant } = many
      return [`${contestant}: 1,000 connections against 1: ${speed} × speed, ${cpu} × CPU/message`]
    })
}

/** Warnings about rounds that counted although others were loud, one for each row. */
export function warnings(matches: Match[]): string[] {
  return ROWS.flatMap(({ name }) => {
    const ofRow = matches.filter(({ row }) => row === name)
    // A level that is not known counts as silence.
    const levels = ofRow.flatMap(({ noise }) =>
      noise.map((level) => (level ? level.others + level.stolen : 0)),
    )
    const loud = levels.filter((level) => level > NOISE_LIMIT).length
    if (loud === 0) return []
    const share = `${(Math.max(...levels) * 100).toFixed(0)} %`
    return [
      `${name}: others took up to ${share} of the machine, too much in ${loud} of ${levels.length} rounds`,
    ]
  })
}

/** What there is to measure. */
export function list(rows: Row[]): string {
  return rows
    .map(({ name, title, contestants }) => {
      const names = contestants.map((contestant) => `  ${contestant} [${entryOf(contestant).kind}]`)
      return [`${name}: ${title}`, ...names].join('\n')
    })
    .join('\n')
}
