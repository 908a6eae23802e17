/**
 * Both directions of a stream, and how they come to an end together.
 */
import { ON_WINDOWS } from './binding.js'
import { closeSlot, peerIsRunning, peerOf, watchForgotten } from './endpoint.js'
import type { Slot } from './endpoint.js'
import { closedError, LocalSocketError, ownError, timeoutError } from './errors.js'
import { checkWait } from './checks.js'
import { DEFAULT_BUSY_POLL, patienceFor } from './patience.js'
import type { BusyPoll } from './patience.js'
import type { PeerCredentials } from './peer.js'
import type { Chunk } from './reading.js'
import { Receiver } from './receiver.js'
import { Sender } from './sender.js'
import type { Drainable } from './sender.js'
import type { Resumable } from './turn.js'
import type { WaitOptions } from './waiting.js'
import { Finishing, settleAll } from './writing.js'

/**
 * How long leaving the scope of an `await using` waits, in milliseconds, for the peer to take what
 * was written. What it has not taken then is lost.
 */
export const DISPOSE_FLUSH_MS = 5_000

const DISPOSE_OPTIONS: WaitOptions = { timeout: DISPOSE_FLUSH_MS }

/** Who gathers what is sent and takes apart what is received, while a stream is framed. */
export interface Framing {
  /**
   * Hands on what was gathered, so that it has gone or stands in line. Gives what makes the error
   * if some was lost and nobody was told.
   */
  seal(): (() => unknown) | undefined
  /** The connection is closed: `make` makes the error of whoever waits for its end. */
  closed(make: () => unknown): void
}

export class Connection implements Drainable {
  readonly slot: Slot
  readonly receiver: Receiver
  /** Made when it is first asked for: some connections only listen, and thousands of them idle. */
  #sender: Sender | undefined
  /** Set while `split` or `framed` has given the directions away. */
  locked = false
  #framing: Framing | undefined
  /** How the close failed, once it is done; before, what framing has lost. */
  #failure: (() => unknown) | undefined
  #state: 'open' | 'closing' | 'closed' = 'open'
  /** The promise that every unlimited call of `close` gets. */
  #closing: Promise<void> | undefined
  /** Calls of `close` that wait. */
  #closers: Set<Finishing> | undefined
  #peer: PeerCredentials | undefined

  constructor(slot: Slot, busyPoll: BusyPoll = DEFAULT_BUSY_POLL, peer?: PeerCredentials) {
    this.slot = slot
    this.#peer = peer
    slot.patience = patienceFor(busyPoll)
    this.receiver = new Receiver(slot, this)
    watchForgotten(this, slot)
  }

  get input(): Resumable | undefined {
    return this.receiver.waiting ? this.receiver : undefined
  }

  get output(): Resumable | undefined {
    return this.#sender?.waiting === true ? this.#sender : undefined
  }

  get sender(): Sender {
    if (this.#sender === undefined) {
      this.#sender = new Sender(this.slot, this, this.receiver)
      if (this.closed) this.#sender.close(undefined)
    }
    return this.#sender
  }

  get bytesWritten(): number {
    return this.#sender?.bytes ?? 0
  }

  get closed(): boolean {
    return this.#state !== 'open'
  }

  get peer(): PeerCredentials {
    if (this.#peer === undefined && !this.slot.open) throw closedError('peer', 'stream')
    if (this.#peer === undefined || (mayTurnOut(this.#peer) && this.slot.open)) {
      this.#peer = peerOf(this.slot)
    }
    return this.#peer
  }

  get peerIsRunning(): boolean | undefined {
    if (!this.slot.open) throw closedError('peerIsRunning', 'stream')
    return peerIsRunning(this.slot)
  }

  /** What a direct call fails with while the directions have other owners. */
  lockedError(method: string): Error {
    if (this.#framing !== undefined) {
      const message = `${method}: the stream is framed; use what framed() gave`
      return ownError('LOCKED', message, { syscall: method })
    }
    return ownError(
      'LOCKED',
      `${method}: the stream is split; use its halves, or put them together with Stream.reunite`,
      { syscall: method },
    )
  }

  /** A step of an iteration over what is received. */
  step(): Promise<IteratorResult<Chunk, undefined>> {
    return this.locked ? Promise.reject(this.lockedError('read')) : this.receiver.step()
  }

  /** Throws where framing can't have both directions, since others have a hold on them. */
  checkFree(): void {
    if (this.locked) throw this.lockedError('framed')
    this.checkOpen('framed')
    if (this.receiver.waiting || this.#sender?.waiting === true || this.#sender?.corked === true) {
      const message =
        'framed: the stream is corked, or reads or writes of it are waiting; let them finish before'
      throw ownError('LOCKED', message, { syscall: 'framed' })
    }
  }

  /** Gives both directions to framing, for good. */
  frame(framing: Framing): void {
    this.#framing = framing
    this.locked = true
  }

  checkOpen(method: string): void {
    if (this.#state !== 'open') throw closedError(method, 'stream')
  }

  atExit(): void {
    this.#framing?.seal()
    this.#sender?.atExit()
  }

  close(options: WaitOptions | undefined): Promise<void> {
    if (options === undefined) return (this.#closing ??= this.#close(undefined))
    try {
      checkWait(options, 'close')
      return this.#close(options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Closes, and gives up what the peer does not take in time. */
  dispose(): Promise<void> {
    return this.#disposeBy(this.close(DISPOSE_OPTIONS))
  }

  /** Ends the sending direction; a peer that does not take what was written loses the stream. */
  disposeSender(): Promise<void> {
    return this.#disposeBy(this.sender.end(DISPOSE_OPTIONS))
  }

  async #disposeBy(flushed: Promise<void>): Promise<void> {
    try {
      await flushed
    } catch (error) {
      if (!(error instanceof LocalSocketError) || error.code !== 'ERR_LOCAL_SOCKET_TIMEOUT')
        throw error
      this.destroy(undefined)
    }
  }

  /** Closes at once; what waits fails with `error`, or for being closed. */
  destroy(error: unknown): void {
    this.destroyWith(error === undefined ? undefined : () => error)
  }

  /** Closes at once, as {@link destroy}, with an error made for each that waits. */
  destroyWith(make: (() => unknown) | undefined): void {
    if (this.#state === 'closed') return
    this.receiver.close(make ?? readClosed)
    this.#framing?.closed(make ?? readClosed)
    this.#sender?.close(make)
    this.#finish(undefined)
    settleAll(this.#closers, make ?? closeClosed)
  }

  #close(options: WaitOptions | undefined): Promise<void> {
    if (this.#state === 'open') {
      this.#state = 'closing'
      this.receiver.close(readClosed)
      this.#failure = this.#framing?.seal()
      this.#framing?.closed(readClosed)
      if (this.#sender === undefined) this.drained(undefined)
      else this.#sender.drain()
    }
    if (this.#finished) {
      return this.#failure === undefined ? Promise.resolve() : Promise.reject(this.#failure())
    }
    if (options?.timeout === 0) {
      this.destroy(undefined)
      throw timeoutError('close', 0)
    }
    // Cancelled while it waits: the stream is destroyed.
    const closer: Finishing = new Finishing('close', () => {
      this.#closers?.delete(closer)
      this.destroy(undefined)
    })
    ;(this.#closers ??= new Set()).add(closer)
    closer.watch(options)
    return closer.promise
  }

  /** Nothing is left to be sent: the close is done. */
  drained(notSent: (() => unknown) | undefined): void {
    const failure = notSent ?? this.#failure
    this.#sender?.close(undefined)
    this.#finish(failure)
    settleAll(this.#closers, failure)
  }

  /** A drain can have finished within the call that began it. */
  get #finished(): boolean {
    return this.#state === 'closed'
  }

  #finish(failure: (() => unknown) | undefined): void {
    this.#state = 'closed'
    this.#failure = failure
    closeSlot(this.slot)
  }
}

/** Windows may know the user of a client only once that has sent something. */
function mayTurnOut({ sid }: PeerCredentials): boolean {
  return ON_WINDOWS && sid === undefined
}

function closeClosed(): Error {
  return closedError('close', 'stream')
}

function readClosed(): Error {
  return closedError('read', 'stream')
}
