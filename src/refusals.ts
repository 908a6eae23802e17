/**
 * Those whom a listener turned away: counted always, told of where somebody wants to know.
 *
 * Rules and limits are the core's, and whom they refuse costs no JavaScript unless it is observed.
 * Then those of a turn are told of together, once others had theirs.
 */
import { AsyncResource } from 'node:async_hooks'
import { shown } from './argument-errors.js'
import { native } from './endpoint.js'
import type { Slot } from './endpoint.js'
import { sealed } from './peer.js'
import type { PeerCredentials } from './peer.js'
import { defer } from './turn.js'
import type { Resumable } from './turn.js'

/** A client that a listener turned away. */
export interface Refusal {
  /**
   * Why: `'notAllowed'` by {@link ListenerOptions.allow}, `'tooManyConnections'` by
   * `maxConnections`, `'tooManyOfUser'` by `maxConnectionsPerUser`.
   */
  readonly reason: 'notAllowed' | 'tooManyConnections' | 'tooManyOfUser'
  /** Who it was. */
  readonly peer: PeerCredentials
  /**
   * Where `allow` is a function that failed to answer: what it threw, or a TypeError
   * `ERR_INVALID_RETURN_VALUE` that tells what it gave instead of a boolean.
   */
  readonly cause?: unknown
}

export type RefusalObserver = (refusal: Refusal) => void

/** How many refusals by a function wait to be told at most, as of those by rules and limits. */
const MOST_WAITING = 256

export class Refusals implements Resumable {
  deferred = false
  readonly referenced = true
  readonly #slot: Slot
  /** How many a function refused. */
  #byFunction = 0
  /** How many rules and limits refused, once the listener is closed. */
  #byCore: number | undefined
  #waiting: Refusal[] = []
  #observer: RefusalObserver | undefined
  #call: RefusalObserver | undefined
  #warned = false

  constructor(slot: Slot) {
    this.#slot = slot
  }

  get count(): number {
    return this.#byFunction + (this.#byCore ?? native().poller.refused(this.#slot.id))
  }

  get observer(): RefusalObserver | undefined {
    return this.#observer
  }

  set observer(observer: RefusalObserver | undefined) {
    this.#observer = observer
    this.#call = undefined
    if (observer === undefined) this.#waiting = []
    else {
      // The context in which it was set is that in which it is called.
      const resource = new AsyncResource('LocalSocketRefusal', { requireManualDestroy: true })
      this.#call = (refusal) => resource.runInAsyncScope(observer, undefined, refusal)
    }
    if (this.#slot.open) native().poller.observeRefusals(this.#slot.id, observer !== undefined)
  }

  /** The core was asked for clients: those whom it turned away are told of in a later turn. */
  noted(): void {
    if (this.#call !== undefined && native().calls.refusals(this.#slot.id) > 0) defer(this)
  }

  /** A function refused one. */
  add(refusal: Refusal): void {
    this.#byFunction += 1
    if (this.#call === undefined) {
      if ('cause' in refusal) this.#warn(refusal.cause)
    } else if (this.#waiting.length < MOST_WAITING) {
      this.#waiting.push(refusal)
      defer(this)
    }
  }

  resume(): void {
    if (this.#slot.open) this.#fetch()
    const waiting = this.#waiting
    this.#waiting = []
    for (const refusal of waiting) {
      try {
        this.#call?.(refusal)
      } catch (error) {
        // It is the program's uncaught exception; what is under way here is in order before it is.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  /** The listener is about to be closed: what the core knows of it is lost then. */
  settle(): void {
    this.#byCore = native().poller.refused(this.#slot.id)
    if (this.#call !== undefined) this.#fetch()
  }

  #fetch(): void {
    for (const { reason, peer } of native().poller.takeRefusals(this.#slot.id)) {
      this.#waiting.push({ reason, peer: sealed(peer) })
    }
  }

  #warn(cause: unknown): void {
    if (this.#warned) return
    this.#warned = true
    const said = cause instanceof Error ? cause.message : shown(cause)
    process.emitWarning(
      `A client was refused, since the function allow of listen did not answer: ${said}. This is told once; onRefused tells of each`,
      { type: 'LocalSocketWarning', code: 'LOCAL_SOCKET_ALLOW' },
    )
  }
}
