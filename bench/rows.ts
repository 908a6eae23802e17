import type { Work } from './job.js'

/** The contestant that every other is paired with. */
export const REFERENCE = 'net'

/** How fast a contestant must be. */
export interface Goal {
  /** At least this many times the speed of `net`. */
  net?: number
  /** At least this share of the speed of the native pair. */
  native?: number
}

/** One line of the scoreboard's work. */
export interface Row {
  name: string
  title: string
  work: Work
  size: number
  /** Messages in the first trial, from which the count is calibrated: a few tens of milliseconds. */
  guess: number
  /** Who takes part; `net` itself stands for the A/A pairs. */
  contestants: string[]
  goals: Record<string, Goal>
}

const ROUND_TRIP = ['net', 'local-socket', 'local-socket readInto', 'net onread', 'native']
const ONE_WAY = ['net', 'local-socket', 'local-socket readInto', 'net cork', 'net onread', 'native']

export const ROWS: Row[] = [
  {
    name: 'round-trip-64',
    title: '64 B round trip',
    work: 'round-trip',
    size: 64,
    guess: 1_000,
    contestants: ROUND_TRIP,
    goals: { 'local-socket': { net: 1.0 }, 'local-socket readInto': { net: 1.0 } },
  },
  {
    name: 'one-way-64k',
    title: '64 KiB one way',
    work: 'one-way',
    size: 64 * 1024,
    guess: 2_000,
    contestants: ONE_WAY,
    goals: {
      'local-socket': { net: 1.4, native: 1.0 },
      'local-socket readInto': { net: 1.4, native: 1.0 },
    },
  },
  {
    name: 'one-way-1m',
    title: '1 MiB one way',
    work: 'one-way',
    size: 1024 * 1024,
    guess: 150,
    contestants: ONE_WAY.filter((name) => name !== 'net cork'), // One message fills a cork.
    goals: {
      'local-socket': { net: 1.9, native: 1.0 },
      'local-socket readInto': { net: 1.9, native: 1.0 },
    },
  },
  {
    name: 'echo-64k',
    title: '64 KiB echo',
    work: 'round-trip',
    size: 64 * 1024,
    guess: 500,
    contestants: ROUND_TRIP,
    goals: { 'local-socket': { net: 3 }, 'local-socket readInto': { net: 3 } },
  },
]
