/**
 * Whether it is worth waiting awake for an endpoint's next bytes, judged by how long the waits
 * before took. Only numbers in, and a yes or no out: `spin.ts` acts on it.
 */

/** How a stream waits for bytes: see `ConnectOptions.busyPoll`. */
export type BusyPoll = 'off' | 'adaptive' | { readonly maxMicros: number }

/** How streams wait that were not told otherwise. */
export const DEFAULT_BUSY_POLL: BusyPoll = 'off'

/** The longest time that may be asked for, in microseconds. */
export const LONGEST_SPIN_MICROS = 1_000_000

/**
 * How long an adaptive wait stays awake, in milliseconds: enough for a peer that has to be woken
 * from its sleep first, which takes it 20 to 80 µs.
 */
const ADAPTIVE_MS = 0.1

/**
 * Waits that are expected to be longer than this, in milliseconds, are slept through. More than
 * {@link ADAPTIVE_MS}, since a wait that was slept through took the time of a wake-up longer than
 * the same wait will take awake.
 */
const WORTHWHILE_MS = 0.15

/** No single wait counts for more, in milliseconds: after two of them, several short ones convince. */
const LONGEST_SAMPLE_MS = 0.4

/** How much a wait changes what is expected of the next one. */
const WEIGHT = 1 / 4

/** What is known of one endpoint's waits. */
export class Patience {
  /** How long a wait may stay awake, in milliseconds. */
  readonly limit: number
  /** Whether experience decides, rather than the limit alone. */
  readonly adaptive: boolean
  /** How long the next wait will take, in milliseconds. At first nothing speaks for a short one. */
  #expected = LONGEST_SAMPLE_MS / 2
  /** When the present wait began, in milliseconds of `performance.now()`; NaN when there is none. */
  #since = Number.NaN

  constructor(busyPoll: Exclude<BusyPoll, 'off'>) {
    this.adaptive = busyPoll === 'adaptive'
    this.limit = busyPoll === 'adaptive' ? ADAPTIVE_MS : busyPoll.maxMicros / 1000
  }

  /** A wait begins, unless one is under way: whether to stay awake, and until when. */
  begin(now: number): number | undefined {
    if (!Number.isNaN(this.#since)) return undefined
    this.#since = now
    if (this.adaptive && this.#expected > WORTHWHILE_MS) return undefined
    return now + this.limit
  }

  /** What it waited for has come. */
  end(now: number): void {
    if (Number.isNaN(this.#since)) return
    const took = Math.min(now - this.#since, LONGEST_SAMPLE_MS)
    this.#expected += (took - this.#expected) * WEIGHT
    this.#since = Number.NaN
  }
}

/** What a connection is to know of its waits; nothing where they are all slept through. */
export function patienceFor(busyPoll: BusyPoll): Patience | undefined {
  return busyPoll === 'off' ? undefined : new Patience(busyPoll)
}
