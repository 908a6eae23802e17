/**
 * Operations that wait, and how a signal or a deadline ends them.
 */
import { abortError, lateRejection, timeoutError } from './errors.js'
import type { Details } from './errors.js'

/** How long an operation may wait. */
export interface WaitOptions {
  /**
   * Cancels the operation when aborted: it rejects with an error named `AbortError`, with code
   * `ABORT_ERR` and the signal's reason as its `cause`. Already aborted: nothing is done.
   */
  signal?: AbortSignal | undefined
  /**
   * Milliseconds until the operation rejects with `ERR_LOCAL_SOCKET_TIMEOUT`. 0 does only what can
   * be done now. Absent or `Infinity`: no limit; more than 2147483647 (24.8 days) counts as that.
   */
  timeout?: number | undefined
}

/** The longest that a timer of JavaScript can wait. */
const LONGEST_TIMEOUT = 2 ** 31 - 1

type Settle<T> = (value: T | PromiseLike<T>) => void

/** Passes from the promise's executor to the constructor that made it, and no further. */
let settle: Settle<never> | undefined
function takeSettle(resolve: Settle<never>): void {
  settle = resolve
}

/** Something that a signal and a deadline can end. */
export abstract class Waiting<T> {
  readonly promise: Promise<T>
  /** Settles the promise; to reject it, it is given a rejection. */
  readonly #settle: Settle<never>
  #signal: AbortSignal | undefined
  #timer: NodeJS.Timeout | undefined
  #timeout = 0
  #settled = false

  /** What it is called in errors. */
  abstract readonly operation: string

  constructor() {
    this.promise = new Promise(takeSettle as (resolve: Settle<T>) => void)
    this.#settle = settle as unknown as Settle<never>
    settle = undefined
  }

  /** Takes the operation back as far as it can be, then rejects it with what `make` makes. */
  protected abstract cancel(make: (details?: Details) => Error): void

  /** Watches the signal and the clock. The process is not kept alive by it. */
  watch(options: WaitOptions | undefined): void {
    if (options === undefined) return
    const { signal, timeout } = options
    if (signal !== undefined) {
      this.#signal = signal
      addWaiting(signal, this)
    }
    if (timeout !== undefined && timeout <= LONGEST_TIMEOUT) {
      this.#timeout = timeout
      this.#timer = setTimeout(expire, timeout, this)
      this.#timer.unref()
    }
  }

  succeed(value: T): void {
    if (this.#settled) return
    this.#settled = true
    this.#unwatch()
    this.#settle(value as never)
  }

  fail(make: () => unknown): void {
    // A second rejection would have nobody to handle it.
    if (this.#settled) return
    this.#settled = true
    this.#unwatch()
    this.#settle(lateRejection(make))
  }

  expire(): void {
    this.cancel((details) => timeoutError(this.operation, this.#timeout, details))
  }

  abort(reason: unknown): void {
    this.cancel((details) => abortError(reason, details))
  }

  #unwatch(): void {
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer)
      this.#timer = undefined
    }
    if (this.#signal !== undefined) {
      removeWaiting(this.#signal, this)
      this.#signal = undefined
    }
  }
}

function expire(waiting: Waiting<unknown>): void {
  waiting.expire()
}

/** What can be told that a signal was aborted. */
export interface Abortable {
  abort(reason: unknown): void
}

/** One listener per signal, however many operations share it, and none once they have settled. */
const waitingBySignal = new WeakMap<AbortSignal, Set<Abortable>>()

export function addWaiting(signal: AbortSignal, waiting: Abortable): void {
  const others = waitingBySignal.get(signal)
  if (others !== undefined) {
    others.add(waiting)
    return
  }
  waitingBySignal.set(signal, new Set([waiting]))
  signal.addEventListener('abort', onAbort)
}

export function removeWaiting(signal: AbortSignal, waiting: Abortable): void {
  const all = waitingBySignal.get(signal)
  if (all === undefined || !all.delete(waiting) || all.size > 0) return
  waitingBySignal.delete(signal)
  signal.removeEventListener('abort', onAbort)
}

function onAbort(this: AbortSignal): void {
  const all = waitingBySignal.get(this)
  if (all === undefined) return
  // Aborting one can settle another: that one leaves the set, and isn't met any more.
  for (const waiting of all) waiting.abort(this.reason)
  waitingBySignal.delete(this)
  this.removeEventListener('abort', onAbort)
}
