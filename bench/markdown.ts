import { entryOf, type Entry } from './contestants.js'
import { round, spoken, verdicts } from './goals.js'
import type { Match } from './match.js'
import type { Machine, Results } from './results.js'
import type { Row } from './rows.js'
import { ROWS } from './scoreboard.js'
import { absoluteSpeed, interval, scaling } from './table.js'

/** The tables for the README: what ours reaches beside `net`, and what others made. */
export function markdown(results: Results): string {
  const { matches, absent, failed } = results
  const scales = scaling(matches)
  const missing = Object.entries(absent).map(([name, why]) => `${name} (${why})`)
  const parts = [
    introduction(results),
    goalsTable(matches),
    'The same of what else there is, each against the `net` of its row:',
    othersTable(matches),
    scales.length > 0 ? scales.map((line) => `- ${line}`).join('\n') : '',
    ...failed.map(({ row, contestant, why }) => `Failed in ${row}: ${contestant} (${why}).`),
    missing.length > 0 ? `Absent: ${missing.join(', ')}.` : '',
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function introduction({ machine, placement, trialSeconds, started, matches }: Results): string {
  const rounds = (kinds: Entry['kind'][]): string => {
    const counts = matches
      .filter(({ contestant }) => kinds.includes(entryOf(contestant).kind))
      .map(({ noise }) => noise.length)
    return counts.length === 0 ? '0' : span(Math.min(...counts), Math.max(...counts))
  }
  return [
    'Ratios to `node:net` in one run, above 1 is faster; of memory and CPU, below 1 is less.',
    `Measured on ${started.slice(0, 10)} on ${spokenMachine(machine)}; processes placed: ${placement}.`,
    `${rounds(['ours', 'net', 'native'])} rounds of A B B A with trials of ${trialSeconds} s`,
    `(${rounds(['peer'])} for what others made), each in fresh processes: the median of the pairs`,
    'with its 95 % interval. `net` against itself shows the noise. Rows of messages, and contestants',
    'that carry messages, are compared with `net` that frames them by a length of four bytes.',
  ].join(' ')
}

function span(low: number, high: number): string {
  return low === high ? String(low) : `${low} to ${high}`
}

function spokenMachine({ cpu, cores, memoryBytes, system, node, governor }: Machine): string {
  const memory = `${Math.round(memoryBytes / 2 ** 30)} GiB`
  const frequency = governor === undefined ? '' : `, governor ${governor}`
  return `${cpu}, ${cores} cores, ${memory}, ${system}, Node ${node.slice(1)}${frequency}`
}

/** One line for each of ours. */
function goalsTable(matches: Match[]): string {
  const head = ['work', 'ours', '× net', 'goals', 'CPU', 'net itself', 'best net', 'native', 'peer']
  const lines = ROWS.flatMap((row) => {
    const ofRow = matches.filter((match) => match.row === row.name)
    return ofRow
      .filter(({ contestant }) => entryOf(contestant).kind === 'ours')
      .map((match) => [
        row.title,
        `\`${match.contestant.replace('local-socket ', '')}\``,
        `**${round(main(match).median)}** (${interval(main(match))})`,
        verdicts(row, match, ofRow).map(spoken).join('<br>'),
        cpuCell(row, match),
        noiseCell(match, ofRow),
        bestCell(match, ofRow, 'net'),
        bestCell(match, ofRow, 'native'),
        bestCell(match, ofRow, 'peer'),
      ])
  })
  return pipes(head, lines)
}

/** The ratio that a row is about. */
function main({ memory, speed }: Match): Match['speed'] {
  return memory ?? speed
}

function cpuCell({ work }: Row, { cpu, receiverCpu }: Match): string {
  if (work !== 'one-way' || receiverCpu === undefined) return round(cpu.median)
  return `${round(cpu.median)}, receiver ${round(receiverCpu.median)}`
}

function noiseCell({ reference }: Match, ofRow: Match[]): string {
  const itself = ofRow.find((match) => match.contestant === reference)
  return itself === undefined ? '' : `${round(main(itself).median)} (${interval(main(itself))})`
}

/** The fastest of a kind that has the same reference, with its name. */
function bestCell(match: Match, ofRow: Match[], kind: Entry['kind']): string {
  const [best] = ranked(match, ofRow, kind)
  return best === undefined ? '' : `${round(main(best).median)} ${best.contestant}`
}

function ranked({ reference }: Match, ofRow: Match[], kind: Entry['kind']): Match[] {
  return ofRow
    .filter((other) => entryOf(other.contestant).kind === kind)
    .filter((other) => other.reference === reference && other.contestant !== reference)
    .toSorted((a, b) => better(a, b))
}

/** Orders the better one first: more speed, less memory. */
function better(a: Match, b: Match): number {
  return a.memory === undefined || b.memory === undefined
    ? b.speed.median - a.speed.median
    : a.memory.median - b.memory.median
}

/** One line for each contestant that is not ours, the best first. */
function othersTable(matches: Match[]): string {
  const others = matches.filter(({ contestant }) => entryOf(contestant).kind !== 'ours')
  const lines = ROWS.flatMap((row) =>
    others
      .filter((match) => match.row === row.name)
      .toSorted(better)
      .map((match) => [
        row.title,
        match.contestant === match.reference ? `${match.contestant} itself` : match.contestant,
        `${round(main(match).median)} (${interval(main(match))})`,
        cpuCell(row, match),
        absoluteSpeed(row, match),
      ]),
  )
  return pipes(['work', 'contestant', '× net', 'CPU', 'absolute'], lines)
}

function pipes(head: string[], lines: string[][]): string {
  return [head, head.map(() => '---'), ...lines].map(pipedLine).join('\n')
}

function pipedLine(cells: string[]): string {
  return `| ${cells.join(' | ')} |`
}
