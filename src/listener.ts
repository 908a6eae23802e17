/**
 * What takes connections, to those who use it.
 */
import { argumentType, illegalConstructor } from './argument-errors.js'
import { Acceptor } from './acceptor.js'
import type { Judge } from './admission.js'
import { closeSlot, descriptorOf, setReferenced, watchForgotten } from './endpoint.js'
import type { Slot } from './endpoint.js'
import { Gate } from './gate.js'
import { Iteration } from './iteration.js'
import type { Name } from './name.js'
import type { ListenerOptions } from './options.js'
import { Refusals } from './refusals.js'
import type { RefusalObserver } from './refusals.js'
import type { Stream } from './stream.js'
import { addWaiting, removeWaiting } from './waiting.js'
import type { Abortable, WaitOptions } from './waiting.js'

/** Closes a listener when its signal is aborted, without keeping it from being forgotten. */
class SignalClose implements Abortable {
  readonly #slot: Slot
  readonly #acceptor: WeakRef<Acceptor>

  constructor(acceptor: Acceptor) {
    this.#slot = acceptor.slot
    this.#acceptor = new WeakRef(acceptor)
  }

  abort(): void {
    const acceptor = this.#acceptor.deref()
    if (acceptor === undefined) closeSlot(this.#slot)
    else acceptor.close()
  }
}

let create: (acceptor: Acceptor, name: Name, refusals: Refusals) => Listener
let making = false

/**
 * Takes connections at a name. Made by `listen`.
 *
 * While it is open and referenced ({@link Listener.ref}), it keeps the process alive. A listener
 * that is forgotten without being closed is closed when the garbage collector finds it, with the
 * process warning `LOCAL_SOCKET_FORGOTTEN`.
 *
 * When the process or the system has run out of descriptors or memory, accepting neither fails nor
 * spins: clients wait, it is tried again every 100 ms, and the process is warned once for each
 * listener (`LOCAL_SOCKET_ACCEPT`). Connections that were aborted before they were accepted are
 * skipped.
 */
export class Listener {
  static {
    create = (acceptor, name, refusals) => {
      making = true
      return new Listener(acceptor, name, refusals)
    }
  }

  /** Where it listens. */
  readonly name: Name
  readonly #acceptor: Acceptor
  readonly #refusals: Refusals

  private constructor(acceptor: Acceptor, name: Name, refusals: Refusals) {
    if (!making) throw illegalConstructor('use listen()')
    making = false
    this.#acceptor = acceptor
    this.name = name
    this.#refusals = refusals
  }

  /**
   * Waits for the next connection. Calls stand in line. Cancelled, by signal or timeout, it took
   * none: the connection goes to the next call. Rejects with `ERR_LOCAL_SOCKET_CLOSED` when the
   * listener closes.
   */
  accept(options?: WaitOptions): Promise<Stream> {
    return this.#acceptor.call(options)
  }

  /**
   * Iterates over connections until the listener closes. Leaving the loop leaves it open. Each
   * stream is yours to close.
   */
  incoming(): AsyncIterableIterator<Stream, undefined, undefined> {
    return new Iteration(this.#acceptor)
  }

  /** As {@link Listener.incoming}. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Stream, undefined, undefined> {
    return this.incoming()
  }

  /**
   * Stops listening and gives the name back. Waiting calls of {@link Listener.accept} reject with
   * `ERR_LOCAL_SOCKET_CLOSED`, iterations end, clients that have not been accepted see the end or
   * `ECONNRESET`. Streams that were accepted stay open. May be called again.
   *
   * While another program keeps the folder of the socket's file locked, it waits for 50 ms at most,
   * and then leaves the file, which the next listener takes over.
   */
  close(): Promise<void> {
    this.#acceptor.close()
    return Promise.resolve()
  }

  /** Closes the listener when the scope of an `await using` is left. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Whether it was closed, by `close` or by its signal. */
  get closed(): boolean {
    return !this.#acceptor.slot.open
  }

  /**
   * How many clients it has turned away, for `allow`, `maxConnections` and `maxConnectionsPerUser`.
   * Clients are looked at while somebody accepts; until then they wait.
   */
  get refused(): number {
    return this.#refusals.count
  }

  /**
   * Called for each client that was turned away, with why and who it was. It is called for those of
   * a turn together, in a later one and in the async context in which it was set. Under a flood not
   * everybody is told of: of those between two turns that rules and limits refuse, the first 256
   * are, as are the first 256 that a function refuses. {@link Listener.refused} counts all.
   *
   * Undefined, which it is at first, is not being told; then those whom rules and limits refuse
   * cost no JavaScript at all. What the callback throws is an uncaught exception; what a promise of
   * its own rejects with, an unhandled rejection.
   */
  get onRefused(): RefusalObserver | undefined {
    return this.#refusals.observer
  }

  set onRefused(observer: RefusalObserver | undefined) {
    if (observer !== undefined && typeof observer !== 'function') {
      throw argumentType('onRefused', 'a function or undefined', observer)
    }
    this.#refusals.observer = observer
  }

  /**
   * The descriptor, which stays the listener's: do not close it. -1 once it is closed, and on
   * Windows, where there is none.
   */
  get fd(): number {
    return descriptorOf(this.#acceptor.slot)
  }

  /** Lets the listener keep the process alive while it is open, as it does at first. */
  ref(): this {
    setReferenced(this.#acceptor.slot, true)
    return this
  }

  /** Lets the process end though the listener is open. */
  unref(): this {
    setReferenced(this.#acceptor.slot, false)
    return this
  }
}

/** The listener of an endpoint, closed when the signal is aborted. */
export function makeListener(
  slot: Slot,
  name: Name,
  judge: Judge | undefined,
  { busyPoll, signal }: ListenerOptions,
): Listener {
  const refusals = new Refusals(slot)
  const acceptor = new Acceptor(slot, name, new Gate(slot, judge, refusals, busyPoll))
  watchForgotten(acceptor, slot)
  const closer = new SignalClose(acceptor)
  if (signal !== undefined) addWaiting(signal, closer)
  // Its observer may know the listener, which the slot must not keep.
  const settling = new WeakRef(refusals)
  slot.onClose = () => {
    settling.deref()?.settle()
    if (signal !== undefined) removeWaiting(signal, closer)
  }
  return create(acceptor, name, refusals)
}
