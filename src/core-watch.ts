/**
 * Whether somebody else wants this thread's core. Staying awake on it makes both slower then: a
 * peer on the same core can answer only once this end sleeps, and who sleeps is woken before who
 * has used up its share. Only numbers in, and a yes or no out: `spin.ts` acts on it.
 *
 * Two signs tell: a look that took far longer than it was given, and waits that are interrupted for
 * others again and again. The second is judged only by time in which streams may stay awake, and
 * not at once: two processes that sleep in turn are often put on one core by the system although
 * another is free, and are moved apart only once one of them has stayed awake while the other had
 * to wait for the core. So a longer wait comes first.
 */

/** A look that took so much longer than it was given had its core taken away, in milliseconds. */
export const TAKEN_AWAY_MS = 0.5

/**
 * How long no adaptive stream stays awake after that, in milliseconds: not at all, unless it comes
 * again soon after a pause; then first so long, and twice as long each time, up to the longest. So
 * who keeps a core busy is given way to, while threads that want it now and then, the runtime's own
 * compiler among them, cost little more than their time.
 */
const FIRST_PAUSE_MS = 1
const LONGEST_PAUSE_MS = 1_000
const SOON_MS = 10

/** The second sign is judged after so many milliseconds and waits. */
const PERIOD_MS = 20
const PERIOD_WAITS = 64

/** Interruptions of so large a share of the waits are too many. */
const SHARED_SHARE = 1 / 4

/**
 * How long the longer wait may stay awake, in milliseconds: the system looks at how its cores are
 * used every 1 to 4 ms.
 */
export const MOVE_APART_MS = 5

/** How long nobody stays awake if that was of no use: twice as long each time in a row, up to the longest. */
const FIRST_SHARED_PAUSE_MS = 10

export class CoreWatch {
  readonly #interruptions: () => number
  #pausedUntil = Number.NEGATIVE_INFINITY
  #pause = 0
  #sharedPause = FIRST_SHARED_PAUSE_MS
  /** When the period began that is judged; NaN when there is none. */
  #since = Number.NaN
  #waits = 0
  #before = 0
  /** Whether the longer wait was tried, and whether it is due. */
  #tried = false
  #due = false

  /** `interruptions` counts how often this thread was interrupted for another. */
  constructor(interruptions: () => number) {
    this.#interruptions = interruptions
  }

  /** Counts a wait: whether nobody else wants the core, as far as is known. */
  noteWait(now: number): boolean {
    if (now < this.#pausedUntil) {
      this.#since = Number.NaN
      return false
    }
    if (Number.isNaN(this.#since)) this.#begin(now)
    this.#waits += 1
    if (this.#waits < PERIOD_WAITS || now - this.#since < PERIOD_MS) return true
    const shared = this.#interruptions() - this.#before >= this.#waits * SHARED_SHARE
    this.#since = Number.NaN
    if (!shared) this.#sharedPause = FIRST_SHARED_PAUSE_MS
    this.#due = shared && !this.#tried
    this.#tried = this.#due
    if (!shared || this.#due) return true
    this.#pausedUntil = now + this.#sharedPause
    this.#sharedPause = Math.min(2 * this.#sharedPause, LONGEST_PAUSE_MS)
    return false
  }

  /** Whether the wait that begins is to be the longer one. */
  takeLonger(): boolean {
    const due = this.#due
    this.#due = false
    return due
  }

  /** Whether a pause is under way. */
  isPaused(now: number): boolean {
    return now < this.#pausedUntil
  }

  /** The core was taken away during a look. */
  takenAway(now: number): void {
    const soon = now - this.#pausedUntil <= SOON_MS
    this.#pause = soon ? Math.min(Math.max(FIRST_PAUSE_MS, 2 * this.#pause), LONGEST_PAUSE_MS) : 0
    this.#pausedUntil = Math.max(this.#pausedUntil, now + this.#pause)
  }

  #begin(now: number): void {
    this.#since = now
    this.#waits = 0
    this.#before = this.#interruptions()
  }
}
