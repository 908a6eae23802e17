import { entryOf } from './contestants.js'
import type { Work } from './job.js'

/** What a contestant must reach. */
export interface Goal {
  /** Against this contestant; by default the reference. */
  than?: string
  /** What is compared. Of `speed` more is better, of the rest less. */
  of?: 'speed' | 'receiver CPU' | 'memory'
  /** At least this many times its speed, or at most this many times its CPU time or memory. */
  times: number
}

/** One line of the scoreboard's work. */
export interface Row {
  name: string
  title: string
  work: Work
  size: number
  /** Messages in the first trial, from which the count is calibrated: a few tens of milliseconds. */
  guess: number
  /** The count of every contestant, instead of a calibrated one, for trials that take `seconds`. */
  count?: (seconds: number) => number
  /** Messages or connections before the clocks start; by default a share of the count. */
  warmUp?: number
  thinkMs?: number
  connections?: number
  /** True if another process uses a core meanwhile. */
  hog?: true
  /** At most so many rounds: what is measured hardly varies, or a trial takes long. */
  rounds?: number
  /** What `net` is called here. */
  reference: string
  /** Who takes part; the reference itself stands for the A/A pairs. */
  contestants: string[]
  goals: Record<string, Goal[]>
}

/** What a contestant of a row is paired with: `net` that frames, if it carries messages. */
export function referenceOf(row: Row, contestant: string): string {
  return row.reference === 'net' && entryOf(contestant).framed === true
    ? 'net framed'
    : row.reference
}
