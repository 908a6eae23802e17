/**
 * Messages over a stream: each with its length before it, four bytes big-endian unless asked
 * otherwise.
 *
 * @module
 */
import { argumentType, illegalConstructor } from './argument-errors.js'
import { checkKnown } from './checks.js'
import type { Connection } from './connection.js'
import { descriptorOf, setReferenced } from './endpoint.js'
import type { Batch } from './framed/batch.js'
import { formatOf } from './framed/format.js'
import type { Format, FramedOptions } from './framed/format.js'
import { Inbox } from './framed/inbox.js'
import { Outbox } from './framed/outbox.js'
import type { PeerCredentials } from './peer.js'
import { connectionOf, Stream } from './stream.js'
import type { WaitOptions } from './waiting.js'

export type { Batch } from './framed/batch.js'
export type { FramedOptions } from './framed/format.js'

/** Options of {@link Framed.batches}. */
export interface BatchesOptions {
  /**
   * Whether the messages are yours to keep, rather than borrowed until the next batch is asked for.
   * Default false.
   */
  copy?: boolean | undefined
}

const batchesOptionNames = ['copy'] as const

let create: (connection: Connection, format: Format) => Framed
let making = false

/**
 * Messages both ways over one stream, in order. Made by {@link framed}.
 *
 * One at a time takes messages: an iteration over messages, an iteration over batches, or
 * {@link Framed.onBatch}; a second one fails with `ERR_LOCAL_SOCKET_LOCKED`. Leaving an iteration
 * leaves what it has not taken to whoever comes next. While nobody takes messages nothing is read,
 * so that the peer has to wait once the system's buffers are full.
 *
 * A message that the peer says to be longer than `maxLength` (`ERR_LOCAL_SOCKET_TOO_LONG`), and an
 * end in the middle of one (`ERR_LOCAL_SOCKET_UNEXPECTED_END`, with what had come of it as
 * `received`), reject the call that was to take it, after all messages before it were taken; the
 * stream is closed by them. Other errors are those of {@link Stream}.
 */
export class Framed implements AsyncIterable<Uint8Array<ArrayBuffer>> {
  static {
    create = (connection, format) => {
      making = true
      return new Framed(connection, format)
    }
  }

  readonly #connection: Connection
  readonly #inbox: Inbox
  readonly #outbox: Outbox

  private constructor(connection: Connection, format: Format) {
    if (!making) throw illegalConstructor('use framed()')
    making = false
    const inbox = new Inbox(connection, format)
    const outbox = new Outbox(connection, format)
    this.#connection = connection
    this.#inbox = inbox
    this.#outbox = outbox
    connection.frame({
      seal: () => outbox.seal(),
      closed: (make) => {
        outbox.discard()
        inbox.closed(make)
      },
    })
  }

  /**
   * Queues one message, without waiting: the bytes are yours again when it returns. A string goes
   * as UTF-8. The first message of a turn of the event loop goes to the system at once; those after
   * it go together when the turn is over, or as soon as they fill 256 KiB. So a reply doesn't wait,
   * and a thousand small messages cost one system call.
   *
   * False says to pause, since 256 KiB or more wait for the peer to read, or this turn has had its
   * share: await {@link Framed.drained} before the next. Nothing is lost if you don't, but memory
   * grows.
   *
   * Throws, and sends nothing: `ERR_LOCAL_SOCKET_TOO_LONG` for more than `maxLength`;
   * `ERR_LOCAL_SOCKET_ENDED` after {@link Framed.end}; `ERR_LOCAL_SOCKET_CLOSED` after
   * {@link Framed.close} or {@link Framed.destroy}; `EPIPE` or `ECONNRESET` once the peer was found
   * to be gone, which can be some messages after it went; `ERR_LOCAL_SOCKET_DETACHED` if the
   * memory was transferred.
   */
  send(message: Uint8Array | string): boolean {
    return this.#outbox.send(message)
  }

  /**
   * Gives the system what is queued, and resolves once it has taken all of it, which is when to go
   * on after `send` said false. Rejects if it can't be sent any more: with what
   * {@link Framed.send} would throw.
   *
   * Cancelled, by signal or timeout, only the call stops waiting.
   */
  drained(options?: WaitOptions): Promise<void> {
    return this.#outbox.drained(options)
  }

  /** How many bytes of messages, with their lengths, wait for the system to take them. */
  get bufferedBytes(): number {
    return this.#outbox.buffered
  }

  /**
   * Takes the next message, waiting for it: memory that you own, or null once the peer has ended.
   * Calls stand in line, and may be made while an iteration over messages is under way, but not
   * while batches are taken (`ERR_LOCAL_SOCKET_LOCKED`).
   *
   * Cancelled, by signal or timeout, it took nothing, not even a part.
   *
   * Messages that arrived together can share an `ArrayBuffer` of up to 16 KiB: do not transfer it;
   * `slice()` gives a message one of its own.
   */
  receive(options?: WaitOptions): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#inbox.receive(options)
  }

  /** Iterates over messages, as {@link Framed.receive} gives them, until the peer ends. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array<ArrayBuffer>, undefined, undefined> {
    return this.#inbox.messages()
  }

  /**
   * Iterates over messages by the batch: all that came together, up to 256 KiB or 16384 of them,
   * or a single larger one. It is the fast way to receive many small ones.
   *
   * The messages are views of memory that is used again: they are valid until the next batch is
   * asked for, and whoever wants to keep one copies it with `slice()`. With `copy: true` they are
   * yours, as from {@link Framed.receive}.
   *
   * Do not ask for a batch while another call for one is waiting. A batch is taken as a whole:
   * what a loop has not looked at when it is left is gone.
   */
  batches(options?: BatchesOptions): AsyncIterableIterator<Batch, undefined, undefined> {
    let copy = false
    if (options !== undefined) {
      checkKnown(options, batchesOptionNames, 'batches')
      if (options.copy !== undefined && typeof options.copy !== 'boolean') {
        throw argumentType('The option copy of batches', 'true or false', options.copy)
      }
      copy = options.copy === true
    }
    return this.#inbox.batches(copy)
  }

  /**
   * Called with each batch as it arrives, which saves the promise that {@link Framed.batches} needs
   * for each. Its messages are views that are valid until the callback returns: copy those that
   * are to be kept with `slice()`. It is called in the async context in which it was set, and never
   * while it is being set.
   *
   * Undefined, which it is at first, stops reading. How receiving ended is told by
   * {@link Framed.ended}. What the callback throws is an uncaught exception; what a promise of its
   * own rejects with, an unhandled rejection. Setting it throws `ERR_LOCAL_SOCKET_LOCKED` while an
   * iteration is under way or a `receive` waits, and `ERR_LOCAL_SOCKET_CLOSED` on a closed stream.
   */
  get onBatch(): ((batch: Batch) => void) | undefined {
    return this.#inbox.onBatch
  }

  set onBatch(callback: ((batch: Batch) => void) | undefined) {
    if (callback !== undefined && typeof callback !== 'function') {
      throw argumentType('onBatch', 'a function or undefined', callback)
    }
    this.#inbox.onBatch = callback
  }

  /**
   * Resolves once the peer has ended and all of its messages were taken. Rejects with what a
   * `receive` that waits at that time rejects with: the connection broke, a message was too long or
   * cut short, or it was closed at this end before. It takes no messages itself: somebody has to.
   * A rejection that nobody waits for is no unhandled one.
   */
  get ended(): Promise<void> {
    return this.#inbox.ended
  }

  /**
   * Says that no more will be sent: sends what is queued, then tells the peer (half-close), which
   * reads to its end and can still answer. Later sends throw `ERR_LOCAL_SOCKET_ENDED`. May be
   * called again.
   *
   * Cancelled, only the call stops waiting: what is queued still goes, and the end follows it.
   */
  end(options?: WaitOptions): Promise<void> {
    return this.#outbox.end(options)
  }

  /**
   * Closes both directions: receives that wait reject with `ERR_LOCAL_SOCKET_CLOSED`, what is
   * queued is sent, then the descriptor is closed. Rejects if what was queued could not be sent;
   * the descriptor is closed all the same. May be called again.
   *
   * A peer that does not read makes it wait for as long; cancelled, by signal or timeout, the
   * stream is destroyed, and what was not sent is lost.
   */
  close(options?: WaitOptions): Promise<void> {
    return this.#connection.close(options)
  }

  /**
   * Closes at once. What waits rejects with `error`, or with `ERR_LOCAL_SOCKET_CLOSED` if none is
   * given; what was not sent is lost. On a closed stream it does nothing.
   */
  destroy(error?: unknown): void {
    this.#connection.destroy(error)
  }

  /**
   * Closes when the scope of an `await using` is left. A peer that does not read is waited for
   * 5 seconds; then the stream is destroyed, and what it has not taken is lost.
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#connection.dispose()
  }

  /** Who is at the other end, as {@link Stream.peer} tells it. */
  get peer(): PeerCredentials {
    return this.#connection.peer
  }

  /** The descriptor, which stays the stream's: do not close it. -1 once the stream is closed. */
  get fd(): number {
    return descriptorOf(this.#connection.slot)
  }

  /** Whether the stream was closed, by `close`, by `destroy`, or by what it received. */
  get closed(): boolean {
    return this.#connection.closed
  }

  /** Lets the stream keep the process alive while it is open, as it does at first. */
  ref(): this {
    setReferenced(this.#connection.slot, true)
    return this
  }

  /** Lets the process end though the stream is open. */
  unref(): this {
    setReferenced(this.#connection.slot, false)
    return this
  }
}

/**
 * Sends and receives messages over `stream`. The stream is locked by it, for good: calls that read
 * or write through it fail with `ERR_LOCAL_SOCKET_LOCKED`, while `close`, `destroy`, `ref`, `unref`
 * and what tells of the stream still work.
 *
 * On the wire each message is its length, `lengthBytes` long in `byteOrder`, and then its bytes.
 * The defaults are those of tokio-util's `LengthDelimitedCodec`.
 *
 * @throws `ERR_LOCAL_SOCKET_LOCKED` if the stream is split, framed or corked, or reads or writes of
 * it are waiting; `ERR_LOCAL_SOCKET_CLOSED`; for bad options a TypeError or RangeError.
 */
export function framed(stream: Stream, options?: FramedOptions): Framed {
  if (!(stream instanceof Stream)) {
    throw argumentType('The first argument of framed', 'a Stream', stream)
  }
  const format = formatOf(options)
  const connection = connectionOf(stream)
  connection.checkFree()
  return create(connection, format)
}
