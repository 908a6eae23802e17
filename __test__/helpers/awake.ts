import type { BusyPoll, Stream } from 'local-socket'

import { native } from './internals.js'

/** The longest wait that may be asked for. */
export const A_SECOND: BusyPoll = { maxMicros: 1_000_000 }

/** Ways to wait awake. Whatever a stream does, it does with each of them. */
export const AWAKE: Readonly<Record<string, BusyPoll>> = {
  'adaptive waits': 'adaptive',
  'waits of 50 µs': { maxMicros: 50 },
  'waits of a second': A_SECOND,
}

/** The same beside waits that are slept through. */
export const WAITS: Readonly<Record<string, BusyPoll>> = { 'waits asleep': 'off', ...AWAKE }

/** What this thread looks at instead of sleeping, from the making of this on. */
export class Looks {
  /** How often it has looked. */
  steps = 0
  /** How many streams it looked at together at the most. */
  most = 0
  /** A stream was looked at twice in one step. */
  repeated = false
  /** Called once, right before the next step looks. */
  before: (() => void) | undefined
  readonly #steps: Map<number, number> = new Map()
  readonly #restore: () => void

  constructor() {
    const { calls } = native()
    const { readAwake, spin } = calls
    this.#restore = () => Object.assign(calls, { readAwake, spin })
    calls.readAwake = (id, into, offset, length, longestNanos) => {
      this.#look([id])
      return readAwake(id, into, offset, length, longestNanos)
    }
    calls.spin = (ids, count, longestNanos) => {
      this.#look([...ids.subarray(0, count)])
      return spin(ids, count, longestNanos)
    }
  }

  /** In how many steps this stream, which must be open, was looked at. */
  at(stream: Stream): number {
    return this.#steps.get(stream.fd) ?? 0
  }

  stop(): void {
    this.#restore()
  }

  #look(ids: readonly number[]): void {
    const { before } = this
    this.before = undefined
    before?.()
    const descriptors = ids.map((id) => native().calls.fd(id))
    this.steps += 1
    this.most = Math.max(this.most, descriptors.length)
    const different = new Set(descriptors)
    this.repeated ||= different.size < descriptors.length
    for (const fd of different) this.#steps.set(fd, (this.#steps.get(fd) ?? 0) + 1)
  }
}
