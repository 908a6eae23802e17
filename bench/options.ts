import { parseArgs } from 'node:util'

import { REFERENCE, ROWS, type Row } from './rows.js'

/** What the command line asked for. */
export interface BenchOptions {
  rows: Row[]
  /** Rounds of four trials, A B B A, for each contestant. */
  rounds: number
  /** What a trial's measured part should take. */
  trialSeconds: number
  /** Loud rounds are played again as long as the whole is on its way to take no longer. */
  budgetSeconds: number
}

export const USAGE = `usage: npm run bench -- [--quick] [--row NAME]... [--contestant NAME]... [--rounds N]

  --quick            fewer and shorter trials: all rows in under two minutes
  --row NAME         only this row: ${ROWS.map(({ name }) => name).join(', ')}
  --contestant NAME  only this contestant beside ${REFERENCE}
  --rounds N         rounds of four trials (${REFERENCE}, other, other, ${REFERENCE})`

const FULL = { rounds: 11, trialSeconds: 1, budgetSeconds: Infinity }
const QUICK = { rounds: 2, trialSeconds: 0.25, budgetSeconds: 100 }

export function readOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      row: { type: 'string', multiple: true },
      contestant: { type: 'string', multiple: true },
      rounds: { type: 'string' },
    },
  })
  const defaults = values.quick ? QUICK : FULL
  const rounds = values.rounds === undefined ? defaults.rounds : Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new RangeError(`--rounds takes a whole number from 1 on, not "${values.rounds}"`)
  }
  const names = ROWS.map(({ name }) => name)
  const contestants = [...new Set(ROWS.flatMap((row) => row.contestants))]
  for (const name of values.row ?? []) mustBeOneOf('--row', name, names)
  for (const name of values.contestant ?? []) mustBeOneOf('--contestant', name, contestants)

  const rows = ROWS.filter(({ name }) => values.row?.includes(name) ?? true).map((row) => ({
    ...row,
    contestants: row.contestants.filter((name) => values.contestant?.includes(name) ?? true),
  }))
  return { ...defaults, rows, rounds }
}

function mustBeOneOf(option: string, given: string, known: string[]): void {
  if (!known.includes(given)) {
    throw new RangeError(`${option} takes one of ${known.join(', ')}, not "${given}"`)
  }
}
