// What callback-driven contestants share: who sends, who receives, who waits for replies.

import { IN_FLIGHT, type Findings, type Job } from './job.js'
import { Marks, Meter } from './meter.js'
import { Promised } from './promised.js'
import { blankMessage, SequenceCheck, stamp } from './sequence.js'

/** Receives one way, checks, and says when a phase has arrived. */
export class Receiver {
  readonly #marks: Marks
  readonly #check: SequenceCheck
  readonly #receipt: () => void

  constructor(job: Job, receipt: () => void) {
    this.#marks = new Marks(job)
    this.#check = new SequenceCheck(job.size)
    this.#receipt = receipt
  }

  /** Bytes taken so far. */
  get total(): number {
    return this.#check.total
  }

  /** Takes a chunk's first `length` bytes, wherever messages begin. What it throws ends the process. */
  take(chunk: Uint8Array, length: number): void {
    this.#check.take(chunk, length)
    this.settle()
  }

  /** Takes a whole message. The sender waits between phases, so `settle` may be called per batch. */
  message(message: Uint8Array): void {
    this.#check.message(message)
  }

  settle(): void {
    if (this.#marks.reached(this.#check.total)) this.#receipt()
  }

  findings(): Findings {
    return this.#marks.findings()
  }
}

/** Sends back what comes, and keeps the follower's clocks. */
export class Echo {
  readonly #marks: Marks
  #total = 0

  constructor(job: Job) {
    this.#marks = new Marks(job)
  }

  /** True when these bytes are the last that come. */
  passed(length: number): boolean {
    this.#total += length
    this.#marks.reached(this.#total)
    return this.#marks.done
  }

  findings(): Findings {
    return this.#marks.findings()
  }
}

/** Sends a message, waits for the reply, checks it, and so on. */
export class Pinger {
  readonly #findings = new Promised<Findings>()
  readonly #job: Job
  readonly #message: Uint8Array
  readonly #check: SequenceCheck
  readonly #meter: Meter
  readonly #send: (message: Uint8Array) => void
  #sequence = 0
  #began = 0

  /** `send` may keep the message's memory until the reply has come. */
  constructor(job: Job, send: (message: Uint8Array) => void) {
    this.#job = job
    this.#message = blankMessage(job.size)
    this.#check = new SequenceCheck(job.size)
    this.#meter = new Meter(job)
    this.#send = send
  }

  get findings(): Promise<Findings> {
    return this.#findings.promise
  }

  /** Sends the first message. */
  start(): void {
    const { warmUp, count } = this.#job
    if (this.#sequence === warmUp) this.#meter.start()
    if (this.#sequence === warmUp + count) {
      this.#findings.resolve(this.#meter.stop())
      return
    }
    this.#began = performance.now()
    stamp(this.#message, this.#sequence)
    this.#send(this.#message)
  }

  /** Takes bytes of a reply. */
  take(chunk: Uint8Array, length: number): void {
    this.#check.take(chunk, length)
    if (this.#check.total === (this.#sequence + 1) * this.#job.size) this.#next()
  }

  /** Takes a whole reply. */
  message(message: Uint8Array): void {
    this.#check.message(message)
    this.#next()
  }

  #next(): void {
    const { warmUp, thinkMs } = this.#job
    if (this.#sequence >= warmUp) this.#meter.roundTrip(this.#began)
    this.#sequence++
    if (thinkMs === undefined) this.start()
    else setTimeout(() => this.start(), thinkMs)
  }
}

/** Sends both phases one way, each as soon as the receipt for the one before has come. */
export class Flood {
  readonly #findings = new Promised<Findings>()
  readonly #job: Job
  readonly #meter = new Meter()
  readonly #send: (sequence: number, end: number) => number
  #sequence = 0
  #end = 0

  /**
   * `send` sends from message `sequence` on, up to `end` at most, and gives the first message that
   * was not sent. It pauses by giving less than `end`, and asks to go on by `go`.
   */
  constructor(job: Job, send: (sequence: number, end: number) => number) {
    this.#job = job
    this.#send = send
  }

  get findings(): Promise<Findings> {
    return this.#findings.promise
  }

  /** Takes the receipt of a phase, or starts the first one. */
  receipt(): void {
    const { warmUp, count } = this.#job
    if (this.#end === warmUp + count) {
      this.#findings.resolve(this.#meter.stop())
      return
    }
    this.#end += this.#end === 0 ? warmUp : count
    this.#meter.start()
    this.go()
  }

  /** Goes on after a pause. */
  go(): void {
    if (this.#sequence < this.#end) this.#sequence = this.#send(this.#sequence, this.#end)
  }
}

/** Runs `open` for so many connections, {@link IN_FLIGHT} of them at a time. */
export async function openMany<T>(
  count: number,
  open: (number: number) => Promise<T>,
): Promise<T[]> {
  const opened: T[] = []
  let next = 0
  const line = async (): Promise<void> => {
    while (next < count) {
      const number = next++
      opened[number] = await open(number)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, line))
  return opened
}
