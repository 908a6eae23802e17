/**
 * Whether it is worth waiting awake for an endpoint's next bytes, judged by how long the waits
 * before took. Only numbers in, and a yes or no out: `spin.ts` acts on it.
 */
import { availableParallelism } from 'node:os'

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

/**
 * What share of the waits that stayed awake must have ended so. One that did not cost the whole
 * limit; one that did saved the time of two wake-ups, about half of that.
 */
const AWAKE_SHARE = 2 / 3

/** How much an attempt changes the share. */
const SHARE_WEIGHT = 1 / 16

/** After so many waits without an attempt, one is made all the same; it goes on while it succeeds. */
const TRIAL_EVERY = 128

/** Whether staying awake has proved to be worth an attempt. */
class Odds {
  #share = 1
  #omitted = 0
  #trial = false

  /** Whether to make one now; if not, that counts towards the next trial. */
  promises(): boolean {
    if (this.#trial || this.#share >= AWAKE_SHARE) return true
    this.#omitted += 1
    if (this.#omitted < TRIAL_EVERY) return false
    this.#omitted = 0
    this.#trial = true
    return true
  }

  won(): void {
    this.#share += (1 - this.#share) * SHARE_WEIGHT
  }

  lost(): void {
    this.#share -= this.#share * SHARE_WEIGHT
    this.#trial = false
  }
}

/** What is known of one endpoint's waits. */
export class Patience {
  /** How long a wait may stay awake, in milliseconds. */
  readonly limit: number
  /** Whether experience decides, rather than the limit alone. */
  readonly adaptive: boolean
  readonly #odds: Odds = new Odds()
  /** How long the next wait will take, in milliseconds. At first nothing speaks for a short one. */
  #expected = LONGEST_SAMPLE_MS / 2
  /** When the present wait began, in milliseconds of `performance.now()`; NaN when there is none. */
  #since = Number.NaN
  /** The present wait stays awake, and was not in vain so far. */
  #awake = false

  constructor(busyPoll: Exclude<BusyPoll, 'off'>) {
    this.adaptive = busyPoll === 'adaptive'
    this.limit = busyPoll === 'adaptive' ? ADAPTIVE_MS : busyPoll.maxMicros / 1000
  }

  /**
   * A wait begins, unless one is under way: until when it is to stay awake, if it is. Where the
   * core is not `free`, it is not, unless the limit alone decides.
   */
  begin(now: number, free: boolean): number | undefined {
    if (!Number.isNaN(this.#since)) return undefined
    this.#since = now
    this.#awake = !this.adaptive || (free && this.#short && this.#odds.promises())
    return this.#awake ? now + this.limit : undefined
  }

  /** What it waited for has come. */
  end(now: number): void {
    if (Number.isNaN(this.#since)) return
    const took = Math.min(now - this.#since, LONGEST_SAMPLE_MS)
    this.#expected += (took - this.#expected) * WEIGHT
    if (this.#awake) this.#odds.won()
    this.#awake = false
    this.#since = Number.NaN
  }

  /** The present wait has stayed awake in vain: nothing has come so far. */
  inVain(): void {
    if (this.#awake) this.#odds.lost()
    this.#awake = false
  }

  /** The present wait stays awake no longer, for reasons that say nothing about it. */
  giveUp(): void {
    this.#awake = false
  }

  /** Whether waits are expected to be short. */
  get #short(): boolean {
    return this.#expected <= WORTHWHILE_MS
  }
}

/**
 * What a connection is to know of its waits; nothing where they are all slept through, as adaptive
 * ones are where a single core is to be had.
 */
export function patienceFor(busyPoll: BusyPoll): Patience | undefined {
  if (busyPoll === 'off' || (busyPoll === 'adaptive' && cores() === 1)) return undefined
  return new Patience(busyPoll)
}

let known: number | undefined

/** How many cores this process may use. */
function cores(): number {
  return (known ??= availableParallelism())
}
