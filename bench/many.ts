// What contestants of many connections share.

import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { GREETING, IDLE_MS, type Findings, type Job } from './job.js'
import { Marks, Meter } from './meter.js'
import { Promised } from './promised.js'
import { blankMessage, SequenceCheck, stamp } from './sequence.js'

/** How long after the last connection the memory is looked at. */
const SETTLE_MS = 200

/** The clocks of a client that opens one connection after the other, many at a time. */
export class Storm {
  readonly #job: Job
  readonly #meter = new Meter()
  #closed = 0
  #findings: Findings | undefined

  constructor(job: Job) {
    this.#job = job
  }

  greeted(bytes: Uint8Array): void {
    if (bytes.length !== GREETING.length || bytes[0] !== GREETING[0]) {
      throw new Error('something else than the greeting came')
    }
  }

  closed(): void {
    const { warmUp, count } = this.#job
    this.#closed++
    if (this.#closed === warmUp) this.#meter.start()
    if (this.#closed === warmUp + count) this.#findings = this.#meter.stop()
  }

  findings(): Findings {
    if (this.#findings === undefined) throw new Error('not all connections were closed')
    return this.#findings
  }
}

/** Watches what connections cost a server that hears nothing from them. */
export class IdleServer {
  readonly findings: Promise<Findings>
  readonly #job: Job
  readonly #marks: Marks
  readonly #all = new Promised<void>()
  #opened = 0
  #before = 0

  constructor(job: Job) {
    this.#job = job
    this.#marks = new Marks(job, 1)
    this.findings = this.#all.promise.then(() => this.#measure())
  }

  /** Tells of a connection that was accepted. */
  opened(): void {
    const { warmUp, count } = this.#job
    this.#opened++
    if (this.#opened === warmUp) this.#before = residentBytes()
    this.#marks.reached(this.#opened)
    if (this.#opened === warmUp + count) this.#all.resolve()
  }

  async #measure(): Promise<Findings> {
    await sleep(SETTLE_MS)
    const bytesEach = (residentBytes() - this.#before) / this.#job.count
    const before = process.cpuUsage()
    await sleep(IDLE_MS)
    const { user, system } = process.cpuUsage(before)
    return { ...this.#marks.findings(), bytesEach, idleCpuSeconds: (user + system) / 1e6 }
  }
}

/** The clocks of round trips over many connections. */
export class Conversation {
  readonly job: Job
  readonly #meter = new Meter()
  #sent = 0
  #done = 0
  #findings: Findings | undefined

  constructor(job: Job) {
    this.job = job
  }

  /** A connection's part in it. */
  line(): Line {
    return new Line(this)
  }

  /** False when all messages were sent. */
  send(): boolean {
    const { warmUp, count } = this.job
    return this.#sent < warmUp + count && ++this.#sent > 0
  }

  done(): void {
    const { warmUp, count } = this.job
    this.#done++
    if (this.#done === warmUp) this.#meter.start()
    if (this.#done === warmUp + count) this.#findings = this.#meter.stop()
  }

  /** True when all replies have come. */
  get complete(): boolean {
    return this.#findings !== undefined
  }

  findings(): Findings {
    if (this.#findings === undefined) throw new Error('not all replies came')
    return this.#findings
  }
}

/** One connection, with at most one message under way. */
export class Line {
  /** True while a reply is on its way. */
  waiting = false
  readonly #all: Conversation
  readonly #message: Uint8Array
  readonly #check: SequenceCheck
  #sequence = 0

  constructor(all: Conversation) {
    this.#all = all
    this.#message = blankMessage(all.job.size)
    this.#check = new SequenceCheck(all.job.size)
  }

  /** The next message to send, in memory that may be kept until the reply has come. */
  next(): Uint8Array | undefined {
    if (!this.#all.send()) return undefined
    stamp(this.#message, this.#sequence++)
    this.waiting = true
    return this.#message
  }

  /** Takes bytes of the reply. */
  take(chunk: Uint8Array, length: number): void {
    this.#check.take(chunk, length)
    if (this.#check.total < this.#sequence * this.#all.job.size) return
    this.waiting = false
    this.#all.done()
  }
}

/** The resident memory once garbage has been collected. */
function residentBytes(): number {
  collectGarbage()
  return process.memoryUsage.rss()
}

function collectGarbage(): void {
  const { Bun } = globalThis as { Bun?: { gc(synchronously: boolean): void } }
  if (Bun !== undefined) {
    Bun.gc(true)
    return
  }
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
}
