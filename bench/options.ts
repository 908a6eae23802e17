import { parseArgs } from 'node:util'

import { CONTESTANTS } from './contestants.js'
import { PLACEMENTS, type Placement } from './placement.js'
import type { Row } from './rows.js'
import { ROWS } from './scoreboard.js'

/** What the command line asked for. */
export interface BenchOptions {
  help: boolean
  /** Prints what there is to measure, and measures nothing. */
  list: boolean
  rows: Row[]
  /** Rounds of four trials, A B B A, for each contestant. */
  rounds: number
  /** The same for what others made. */
  peerRounds: number
  /** What a trial's measured part should take. */
  trialSeconds: number
  /** Loud rounds are played again as long as the whole is on its way to take no longer. */
  budgetSeconds: number
  placement: Placement
  /** Results to print instead of measuring; of two that tell of the same, the later one counts. */
  from: string[]
  /** The commit whose build is the reference, instead of `net`. */
  against: string | undefined
  /** How much slower than that commit is let pass, as a share. */
  tolerance: number
  markdown: string | undefined
  chart: string | undefined
}

export const USAGE = `usage: npm run bench -- [OPTION]...

  --quick              ours, net and native alone, few and short trials: under two minutes
  --row NAME           only this row; may be repeated
  --contestant NAME    only this contestant beside the row's reference; may be repeated
  --rounds N           rounds of four trials (reference, other, other, reference)
  --seconds N          how long the measured part of a trial takes
  --placement WHERE    ${PLACEMENTS.join(', ')}: where the two processes run; default ${PLACEMENTS[0]}
  --help               prints this
  --list               names the rows and their contestants
  --markdown FILE      writes the tables as Markdown
  --chart FILE         writes a chart as SVG
  --from FILE          prints these results instead of measuring; may be repeated, and of two
                       that tell of the same the later one counts
  --against COMMIT     pairs our contestants with themselves as built from that commit; fails when
                       one has become slower beyond doubt
  --tolerance PERCENT  how much slower that may be; default 5`

const FULL = { rounds: 11, peerRounds: 3, trialSeconds: 0.25, budgetSeconds: 2_600 }
const QUICK = { rounds: 1, peerRounds: 1, trialSeconds: 0.05, budgetSeconds: 100 }

/** A trial that hangs is given up after thirty seconds, warm-up and all. */
const LONGEST_TRIAL_SECONDS = 10

export function readOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      row: { type: 'string', multiple: true, default: [] },
      contestant: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      placement: { type: 'string', default: PLACEMENTS[0] },
      help: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      markdown: { type: 'string' },
      chart: { type: 'string' },
      from: { type: 'string', multiple: true, default: [] },
      against: { type: 'string' },
      tolerance: { type: 'string', default: '5' },
    },
  })
  const defaults = values.quick ? QUICK : FULL
  const rounds = values.rounds === undefined ? undefined : wholeNumber('--rounds', values.rounds)
  for (const name of values.row)
    oneOf(
      '--row',
      name,
      ROWS.map((row) => row.name),
    )
  for (const name of values.contestant) oneOf('--contestant', name, Object.keys(CONTESTANTS))
  oneOf('--placement', values.placement, PLACEMENTS)
  const tolerance = Number(values.tolerance) / 100
  if (!(tolerance >= 0 && tolerance < 1)) {
    throw new RangeError(`--tolerance takes a percentage from 0 on, not "${values.tolerance}"`)
  }
  const trialSeconds = Number(values.seconds ?? defaults.trialSeconds)
  if (!(trialSeconds > 0 && trialSeconds <= LONGEST_TRIAL_SECONDS)) {
    throw new RangeError(
      `--seconds takes up to ${LONGEST_TRIAL_SECONDS} seconds, not "${values.seconds}"`,
    )
  }
  return {
    ...defaults,
    trialSeconds,
    ...(rounds === undefined ? {} : { rounds, peerRounds: rounds }),
    rows: chosen(values.row, values.contestant, values.quick),
    help: values.help,
    list: values.list,
    placement: values.placement as Placement,
    from: values.from,
    against: values.against,
    tolerance,
    markdown: values.markdown,
    chart: values.chart,
  }
}

/** The rows asked for, with the contestants asked for; rows without any left are not played. */
function chosen(names: string[], contestants: string[], quick: boolean): Row[] {
  const asked = (row: Row, name: string): boolean => {
    if (contestants.length > 0) return contestants.includes(name)
    return !quick || name === row.reference || isOursOrNative(name)
  }
  return ROWS.filter(({ name }) => names.length === 0 || names.includes(name))
    .map((row) => ({ ...row, contestants: row.contestants.filter((name) => asked(row, name)) }))
    .filter((row) => row.contestants.length > 0)
}

function isOursOrNative(name: string): boolean {
  const kind = CONTESTANTS[name]?.kind
  return kind === 'ours' || kind === 'native'
}

function wholeNumber(option: string, given: string): number {
  const number = Number(given)
  if (!Number.isInteger(number) || number < 1) {
    throw new RangeError(`${option} takes a whole number from 1 on, not "${given}"`)
  }
  return number
}

function oneOf(option: string, given: string, known: readonly string[]): void {
  if (!known.includes(given)) {
    throw new RangeError(`${option} takes one of ${known.join(', ')}, not "${given}"`)
  }
}
