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
  #asked: number | undefined
  readonly #restore: () => void

  constructor() {
    const { calls } = native()
    const { fd, readAwake, spin } = calls
    this.#restore = () => Object.assign(calls, { fd, readAwake, spin })
    calls.fd = (id) => {
      this.#asked = id
      return fd(id)
    }
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
    return this.#steps.get(this.idOf(stream)) ?? 0
  }

  /** By which number the poller knows this stream, which must be open. */
  idOf(stream: Stream): number {
    this.#asked = undefined
    void stream.fd
    if (this.#asked === undefined) throw new Error('the stream is closed')
    return this.#asked
  }

  stop(): void {
    this.#restore()
  }

  #look(ids: readonly number[]): void {
    const { before } = this
    this.before = undefined
    before?.()
    this.steps += 1
    this.most = Math.max(this.most, ids.length)
    const different = new Set(ids)
    this.repeated ||= different.size < ids.length
    for (const id of different) this.#steps.set(id, (this.#steps.get(id) ?? 0) + 1)
  }
}
