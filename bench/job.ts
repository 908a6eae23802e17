/**
 * What the two processes of a trial do with each other.
 *
 * - `round-trip`: the client sends a message and waits for it to come back.
 * - `one-way`: the server sends and the client receives, because `net` offers `onread` to clients
 *   only.
 * - `connect`: the client keeps {@link IN_FLIGHT} connections under way; the server accepts each,
 *   sends one byte and closes; the client reads that and the end, and closes.
 * - `idle`: the client opens connections and leaves them alone; the server waits for bytes on each.
 * - `active`: as `round-trip`, over many connections, each with one message under way.
 */
export type Work = 'round-trip' | 'one-way' | 'connect' | 'idle' | 'active'

/** One trial's order. */
export interface Job {
  work: Work
  /** Bytes in a message, at least 8: they start with its sequence number. */
  size: number
  /** Messages, or connections, before the clocks start. */
  warmUp: number
  /** Messages, or connections, that are measured. */
  count: number
  /** Path of the socket. */
  path: string
  /** Milliseconds between a reply and the next message of `round-trip`, which aren't measured. */
  thinkMs?: number
  /** How many connections take part in `active`. */
  connections?: number
}

/** What one process of a trial found out, about the measured messages only. */
export interface Findings {
  cpuSeconds: number
  /** By the process that keeps the time: the sender, or the one that waits for replies. */
  seconds?: number
  /** Round trips, in microseconds. */
  p50?: number
  p99?: number
  /** The most memory that the process ever had resident, in bytes. */
  rss?: number
  /** What a connection added to the resident memory, in bytes: of the server in `idle`. */
  bytesEach?: number
  /** CPU time of the server of `idle` during {@link IDLE_MS} in which nothing happened. */
  idleCpuSeconds?: number
}

/** The findings of both processes, or threads, where one process starts the other. */
export interface Both {
  served: Findings
  driven: Findings
}

/** What one trial measured. */
export interface Trial {
  count: number
  seconds: number
  /** Of both processes together. */
  cpuSeconds: number
  /** Of each, where they can be told apart. */
  cpuOf?: { server: number; client: number }
  rssOf?: { server?: number; client?: number }
  /** Round trips, in microseconds. */
  p50?: number
  p99?: number
  bytesEach?: number
  idleCpuSeconds?: number
}

/** How a contestant plays both roles. Each plays as its documentation recommends. */
export interface Contestant {
  /** Listens, calls `listening`, then serves one job to its end. */
  serve(job: Job, listening: () => void): Promise<Findings>
  /** Connects, does the job, closes. */
  drive(job: Job): Promise<Findings>
}

/** A contestant whose server starts the client itself. */
export interface Couple {
  /** Serves, and starts what drives. */
  both(job: Job): Promise<Both>
  /** What was started by `both`. */
  drive(job: Job): Promise<Findings>
}

/** What the receiver of one-way messages answers when all of a phase has arrived. */
export const RECEIPT_BYTES = 8

/** How many connections a client has under way while it opens many. */
export const IN_FLIGHT = 64

/** What the server of `connect` sends on each connection. */
export const GREETING: Uint8Array = Uint8Array.of(0xa5)

/** For how long the server of `idle` is watched doing nothing. */
export const IDLE_MS = 1_000
