/** What the two processes of a trial do with each other. */
export type Work = 'round-trip' | 'one-way'

/**
 * One trial's order. In `round-trip` the client sends a message and waits for it to come back. In
 * `one-way` the server sends and the client receives, because `net` offers `onread` to clients only.
 */
export interface Job {
  work: Work
  /** Bytes in a message, at least 8: they start with its sequence number. */
  size: number
  /** Messages before the clocks start. */
  warmUp: number
  /** Messages that are measured. */
  count: number
  /** Path of the socket. */
  path: string
}

/** What one process of a trial found out, about the measured messages only. */
export interface Findings {
  cpuSeconds: number
  /** By the process that keeps the time: the sender, or the one that waits for replies. */
  seconds?: number
  /** Round trips, in microseconds. */
  p50?: number
  p99?: number
}

/** What one trial measured, of both processes together. */
export interface Trial {
  count: number
  seconds: number
  cpuSeconds: number
  /** Round trips, in microseconds. */
  p50?: number
  p99?: number
}

/** How a contestant plays both roles. Each plays as its documentation recommends. */
export interface Contestant {
  /** Listens, calls `listening`, then serves one connection to its end. */
  serve(job: Job, listening: () => void): Promise<Findings>
  /** Connects, does the job, closes. */
  drive(job: Job): Promise<Findings>
}

/** What the receiver of one-way messages answers when all of a phase has arrived. */
export const RECEIPT_BYTES = 8
