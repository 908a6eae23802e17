import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'

import type { Findings } from './job.js'

/** A process's clocks: started when the warm-up is over, stopped after the last message. */
export class Meter {
  #time = 0
  #cpu: NodeJS.CpuUsage = { user: 0, system: 0 }
  #roundTrips: RecordableHistogram | undefined

  start(): void {
    this.#cpu = process.cpuUsage()
    this.#time = performance.now()
  }

  /** Records a round trip that began at this `performance.now()`. */
  roundTrip(began: number): void {
    const nanoseconds = Math.max(1, Math.round((performance.now() - began) * 1e6))
    this.#roundTrips ??= createHistogram()
    this.#roundTrips.record(nanoseconds)
  }

  stop(): Findings {
    const seconds = (performance.now() - this.#time) / 1000
    const { user, system } = process.cpuUsage(this.#cpu)
    const findings: Findings = { seconds, cpuSeconds: (user + system) / 1e6 }
    const times = this.#roundTrips
    if (times === undefined) return findings
    return { ...findings, p50: times.percentile(50) / 1000, p99: times.percentile(99) / 1000 }
  }
}

/** Starts and stops a meter as the bytes of both phases go by: for the side that only follows. */
export class Marks {
  readonly #meter = new Meter()
  readonly #warmUpBytes: number
  readonly #allBytes: number
  #next: number
  #findings: Findings | undefined

  constructor(job: { size: number; warmUp: number; count: number }) {
    this.#warmUpBytes = job.warmUp * job.size
    this.#allBytes = (job.warmUp + job.count) * job.size
    this.#next = this.#warmUpBytes
  }

  /** True when `total` bytes complete a phase. */
  reached(total: number): boolean {
    if (total < this.#next) return false
    if (total > this.#allBytes) throw new Error('more bytes arrived than were sent')
    if (this.#next === this.#warmUpBytes) {
      this.#next = this.#allBytes
      this.#meter.start()
    } else {
      this.#next = Infinity
      this.#findings = this.#meter.stop()
    }
    return true
  }

  /** The CPU time between the marks; the follower's wall clock is nobody's. */
  findings(): Findings {
    if (this.#findings === undefined) throw new Error('the connection ended before all had come')
    return { cpuSeconds: this.#findings.cpuSeconds }
  }
}
