import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'

import type { Findings, Job } from './job.js'

/** A process's clocks: started when the warm-up is over, stopped after the last message. */
export class Meter {
  readonly #thinks: boolean
  #time = 0
  #cpu: NodeJS.CpuUsage = { user: 0, system: 0 }
  #roundTrips: RecordableHistogram | undefined
  #milliseconds = 0

  constructor(job?: Job) {
    this.#thinks = job?.thinkMs !== undefined
  }

  start(): void {
    this.#cpu = process.cpuUsage()
    this.#time = performance.now()
  }

  /** Records a round trip that began at this `performance.now()`. */
  roundTrip(began: number): void {
    const milliseconds = performance.now() - began
    this.#milliseconds += milliseconds
    this.#roundTrips ??= createHistogram()
    this.#roundTrips.record(Math.max(1, Math.round(milliseconds * 1e6)))
  }

  /** With time to think between them, only the round trips count as `seconds`. */
  stop(): Findings {
    const elapsed = performance.now() - this.#time
    const { user, system } = process.cpuUsage(this.#cpu)
    const findings: Findings = {
      seconds: (this.#thinks ? this.#milliseconds : elapsed) / 1000,
      cpuSeconds: (user + system) / 1e6,
      rss: process.resourceUsage().maxRSS * 1024,
    }
    const times = this.#roundTrips
    if (times === undefined) return findings
    return { ...findings, p50: times.percentile(50) / 1000, p99: times.percentile(99) / 1000 }
  }
}

/** Starts and stops a meter as both phases go by: for the side that only follows. */
export class Marks {
  readonly #meter = new Meter()
  readonly #warmUp: number
  readonly #all: number
  #next: number
  #findings: Findings | undefined

  /** `size`: what a message, or a connection, adds to the totals; the bytes of the job's messages. */
  constructor(job: Job, size: number = job.size) {
    this.#warmUp = job.warmUp * size
    this.#all = (job.warmUp + job.count) * size
    this.#next = this.#warmUp
  }

  /** True when `total` completes a phase. */
  reached(total: number): boolean {
    if (total < this.#next) return false
    if (total > this.#all) throw new Error('more arrived than was sent')
    if (this.#next === this.#warmUp) {
      this.#next = this.#all
      this.#meter.start()
    } else {
      this.#next = Infinity
      this.#findings = this.#meter.stop()
    }
    return true
  }

  /** True when both phases are complete. */
  get done(): boolean {
    return this.#findings !== undefined
  }

  /** The CPU time between the marks; the follower's wall clock is nobody's. */
  findings(): Findings {
    if (this.#findings === undefined) throw new Error('the connection ended before all had come')
    const { seconds: _nobodys, ...findings } = this.#findings
    return findings
  }
}
