/**
 * Whether somebody else wants this thread's core. Staying awake on it makes both slower then: who
 * sleeps is woken before who has used up its share. Only numbers in, and a yes or no out: `spin.ts`
 * acts on it.
 *
 * What tells is a look that took far longer than it was given. That a thread is often interrupted
 * (`getrusage`) tells no more: the system often puts two processes that sleep in turn on one core
 * although another is free, and moves them apart only once they stay awake.
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

export class CoreWatch {
  #pausedUntil = Number.NEGATIVE_INFINITY
  #pause = 0

  /** Whether nobody is to stay awake. */
  isPaused(now: number): boolean {
    return now < this.#pausedUntil
  }

  /** The core was taken away during a look. */
  takenAway(now: number): void {
    const soon = now - this.#pausedUntil <= SOON_MS
    this.#pause = soon ? Math.min(Math.max(FIRST_PAUSE_MS, 2 * this.#pause), LONGEST_PAUSE_MS) : 0
    this.#pausedUntil = Math.max(this.#pausedUntil, now + this.#pause)
  }
}
