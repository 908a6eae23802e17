/**
 * What a connection is to those who use it.
 */
import { argumentType, illegalConstructor } from './argument-errors.js'
import type { Connection } from './connection.js'
import { descriptorOf, setReferenced } from './endpoint.js'
import { ownError } from './errors.js'
import {
  makeHalves,
  RecvHalf,
  SendHalf,
  Split,
  splitOfRecvHalf,
  splitOfSendHalf,
} from './halves.js'
import { Iteration } from './iteration.js'
import type { PeerCredentials } from './peer.js'
import type { WaitOptions } from './waiting.js'

let create: (connection: Connection) => Stream
let reveal: (stream: Stream) => Connection
let making = false

/**
 * A connection to a program on this machine: bytes both ways, in order, without borders between
 * them. Made by `connect`, and by a `Listener` that accepts.
 *
 * - Reads stand in line, and so do writes: each call is served after those before it.
 * - A read or write that can be done at once is done at the call, within a budget per turn of the
 *   event loop that keeps one busy stream from holding up timers and other streams.
 * - While it is open and referenced ({@link Stream.ref}), it keeps the process alive.
 * - A stream that is forgotten without being closed is closed when the garbage collector finds it,
 *   with the process warning `LOCAL_SOCKET_FORGOTTEN`.
 *
 * Errors are `LocalSocketError`s: `ECONNRESET` and `EPIPE` of a peer that is gone,
 * `ERR_LOCAL_SOCKET_CLOSED` once the stream is closed, `ERR_LOCAL_SOCKET_LOCKED` while it is split
 * or framed,
 * `ERR_LOCAL_SOCKET_TIMEOUT` and `ABORT_ERR` as the {@link WaitOptions} of a call ask for. Bad
 * arguments are a TypeError or RangeError with Node's codes. A method that returns a promise
 * rejects and never throws.
 */
export class Stream {
  static {
    create = (connection) => {
      making = true
      return new Stream(connection)
    }
    reveal = (stream) => stream.#connection
  }

  readonly #connection: Connection

  private constructor(connection: Connection) {
    if (!making) throw illegalConstructor('use connect() or listener.accept()')
    making = false
    this.#connection = connection
  }

  /**
   * Reads what is there, waiting for the first byte: a chunk that is yours, in memory that is
   * shared with no other, or null once the peer has ended. How the bytes fall into chunks carries
   * no meaning.
   *
   * The chunk is a plain `Uint8Array`: its `toString()` gives numbers and commas. For text use
   * `new TextDecoder().decode(chunk, { stream: true })`, as a chunk can end within a character.
   *
   * A read that is cancelled, by signal or timeout, took nothing: the bytes go to the next one.
   *
   * On Linux, a peer that closes without having read all that it was sent makes reads reject with
   * `ECONNRESET`, after what it sent itself has been read.
   */
  read(options?: WaitOptions): Promise<Uint8Array<ArrayBuffer> | null> {
    const connection = this.#connection
    if (connection.locked) return Promise.reject(connection.lockedError('read'))
    return connection.receiver.chunk(options)
  }

  /**
   * Reads what is there into your memory, waiting for the first byte, and allocates none: the
   * number of bytes, at the start of `buffer`, or null once the peer has ended. Leave the memory
   * alone until then. An empty buffer is refused (`ERR_INVALID_ARG_VALUE`); one that was detached
   * or shrunk meanwhile rejects with `ERR_LOCAL_SOCKET_DETACHED`, and nothing was read.
   *
   * Cancelled, it took nothing and has not touched `buffer`.
   */
  readInto(buffer: Uint8Array, options?: WaitOptions): Promise<number | null> {
    const connection = this.#connection
    if (connection.locked) return Promise.reject(connection.lockedError('readInto'))
    return connection.receiver.into(buffer, options)
  }

  /**
   * Reads exactly `length` bytes (0 to 4294967295); 0 is answered at once. Memory grows with what
   * arrives, so that a length that a peer claims costs nothing by itself.
   *
   * If the stream ends before, it rejects with `ERR_LOCAL_SOCKET_UNEXPECTED_END`, and the error's
   * `received` holds what had arrived. Cancelled, it took nothing: what had arrived for it goes to
   * the next read.
   */
  readExact(length: number, options?: WaitOptions): Promise<Uint8Array<ArrayBuffer>> {
    const connection = this.#connection
    if (connection.locked) return Promise.reject(connection.lockedError('readExact'))
    return connection.receiver.exact(length, options)
  }

  /**
   * Reads without ever waiting, by one system call: a chunk that is yours, null once the peer has
   * ended, undefined when there is nothing now or other reads are waiting. Throws what
   * {@link Stream.read} rejects with. It knows no budget: who calls it in a loop holds up the rest.
   */
  tryRead(): Uint8Array<ArrayBuffer> | null | undefined {
    const connection = this.#connection
    if (connection.locked) throw connection.lockedError('tryRead')
    return connection.receiver.tryChunk()
  }

  /**
   * Iterates over chunks, as {@link Stream.read} gives them, until the peer ends. Leaving the loop
   * leaves the stream open, and nothing is lost: it can be read on.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array<ArrayBuffer>, undefined, undefined> {
    const connection = this.#connection
    if (connection.locked) throw connection.lockedError('[Symbol.asyncIterator]')
    return new Iteration(connection)
  }

  /**
   * Writes all of `data`; strings go as UTF-8. Resolves when the system has taken the last byte,
   * which is when more may be written, not when the peer has read it. If nothing is waiting, the
   * system gets it at the call, before the method returns. The memory is not copied: it is yours
   * again when the promise settles. On Windows the last 64 KiB can still be on their way then, until
   * the peer reads: {@link Stream.end} and {@link Stream.close} wait for them, and the process' exit
   * does for half a second.
   *
   * Await it, or count what is under way: what the system has no room for waits in memory.
   *
   * Cancelled before its first byte has gone, the write is taken back. After part of it has gone,
   * it rejects with `bytesWritten`, and the writes behind it, and later ones, reject with
   * `ERR_LOCAL_SOCKET_TORN`, since the peer could not tell where they begin. With `timeout: 0` part
   * of it can go, too: {@link Stream.tryWrite} is meant for that.
   *
   * Errors: `EPIPE` the peer has closed; `ECONNRESET` it closed without reading all;
   * `ERR_LOCAL_SOCKET_ENDED` after {@link Stream.end}; `ERR_LOCAL_SOCKET_DETACHED` the memory was
   * detached or shrunk before all had gone.
   */
  write(data: Uint8Array | string, options?: WaitOptions): Promise<void> {
    const connection = this.#connection
    if (connection.locked) return Promise.reject(connection.lockedError('write'))
    return connection.sender.write(data, options)
  }

  /**
   * Writes what there is room for now, by one system call: the number of bytes that went. 0: there
   * is no room, other writes are waiting, or the stream is corked. Throws what
   * {@link Stream.write} rejects with.
   */
  tryWrite(data: Uint8Array | string): number {
    const connection = this.#connection
    if (connection.locked) throw connection.lockedError('tryWrite')
    return connection.sender.tryWrite(data)
  }

  /**
   * Holds writes back until {@link Stream.uncork}, so that many small ones go by one system call.
   * Calls nest. Do not await a write before uncorking: it waits for that.
   */
  cork(): void {
    const connection = this.#connection
    if (connection.locked) throw connection.lockedError('cork')
    connection.sender.cork()
  }

  /**
   * Ends one {@link Stream.cork}; the last one sends what was held back, up to 64 writes by one
   * system call. Without a cork it does nothing. {@link Stream.end} and {@link Stream.close}
   * uncork.
   */
  uncork(): void {
    const connection = this.#connection
    if (connection.locked) throw connection.lockedError('uncork')
    connection.sender.uncork()
  }

  /**
   * Says that no more will be written: sends what waits, then tells the peer (half-close). The peer
   * reads to its end and can still answer; reading goes on here. Later writes reject with
   * `ERR_LOCAL_SOCKET_ENDED`. May be called again.
   *
   * Cancelled, only the call stops waiting: what was written still goes, and the end follows it.
   * Source: shutdown(2).
   *
   * Windows' pipes have no half-close. Between programs of this package the end is told by empty
   * messages. Node's `net` and other peers don't take them for one, and on a pipe that a server of
   * another kind made there are none: such peers see the end when the stream is closed, so don't
   * wait for an answer to it. A client on Node 20 may be busy until then: its `net` asks for bytes in
   * a loop as long as an empty message is there.
   */
  end(options?: WaitOptions): Promise<void> {
    const connection = this.#connection
    if (connection.locked) return Promise.reject(connection.lockedError('end'))
    return connection.sender.end(options)
  }

  /**
   * Closes both directions: pending reads reject with `ERR_LOCAL_SOCKET_CLOSED`, what was written
   * is sent, then the descriptor is closed. Rejects if what was written could not be sent; the
   * descriptor is closed all the same. May be called again, and closes both halves of a split
   * stream.
   *
   * A peer that does not read makes it wait for as long; cancelled, by signal or timeout, the
   * stream is destroyed, and what was not sent is lost.
   *
   * On Linux, closing with unread data gives the peer `ECONNRESET` once it has read what was sent:
   * read to the end first if the peer should see an orderly one. On Windows a large write can be on
   * its way to the system for as long as the peer doesn't read, and this waits for it, too.
   */
  close(options?: WaitOptions): Promise<void> {
    return this.#connection.close(options)
  }

  /**
   * Closes at once. What waits, reads and writes alike, rejects with `error`, or with
   * `ERR_LOCAL_SOCKET_CLOSED` if none is given; what was not sent is lost. Later calls fail with
   * `ERR_LOCAL_SOCKET_CLOSED`. On a closed stream it does nothing.
   */
  destroy(error?: unknown): void {
    this.#connection.destroy(error)
  }

  /**
   * Closes the stream when the scope of an `await using` is left. A peer that does not read is
   * waited for 5 seconds; then the stream is destroyed, and writes that have not gone reject with
   * `ERR_LOCAL_SOCKET_CLOSED`.
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#connection.dispose()
  }

  /**
   * Gives the two directions to two owners. Until {@link Stream.reunite}, calls that read or write
   * through this stream fail with `ERR_LOCAL_SOCKET_LOCKED`; `close`, `destroy`, `ref`, `unref` and
   * what tells of the stream still work. Operations that wait already stay in line. The stream
   * closes when both halves are closed.
   */
  split(): { recv: RecvHalf; send: SendHalf } {
    const connection = this.#connection
    if (connection.locked) throw connection.lockedError('split')
    connection.checkOpen('split')
    connection.locked = true
    return makeHalves(new Split(this, connection))
  }

  /**
   * Puts the halves of one split together again: the stream that was split. The halves are given
   * up by it.
   *
   * @throws `ERR_LOCAL_SOCKET_REUNITE` if they come from different streams, and
   * `ERR_LOCAL_SOCKET_CLOSED` if one is closed; both stay as they were.
   */
  static reunite(recv: RecvHalf, send: SendHalf): Stream {
    if (!(recv instanceof RecvHalf))
      throw argumentType('The first argument of reunite', 'a RecvHalf', recv)
    if (!(send instanceof SendHalf))
      throw argumentType('The second argument of reunite', 'a SendHalf', send)
    const split = splitOfRecvHalf(recv)
    if (split !== splitOfSendHalf(send)) {
      throw ownError('REUNITE', 'reunite: these are halves of different streams; both stay usable')
    }
    const refusal = split.refusal('reunite', split.receiverClosed || split.senderClosed)
    if (refusal !== undefined) throw refusal
    split.reunited = true
    split.connection.locked = false
    return split.owner as Stream
  }

  /**
   * Who is at the other end, by the word of the kernel: as of its `connect`, or, seen from the
   * client, as of the server's `listen`: a server that listened as root and then dropped its
   * privileges still shows root. A process id can have been given to another process since; see
   * {@link Stream.peerIsRunning}. Source: unix(7), SO_PEERCRED; on Windows
   * GetNamedPipeClientProcessId, GetNamedPipeServerProcessId and what {@link PeerCredentials.sid}
   * says.
   */
  get peer(): PeerCredentials {
    return this.#connection.peer
  }

  /**
   * Whether the process that connected, or, seen from the client, the one that called `listen`,
   * still runs. While it does, `peer.pid` is its own; once it has ended, that number can be
   * another's. So to do something with the process of that number: look at it, then ask this, and
   * believe what was seen if it says true. The process may have passed the socket on, so that
   * somebody else is at the other end now.
   *
   * Undefined where the system can't tell: Linux before 6.5, macOS, the BSDs, and on Windows of a
   * process that this one may not look at. It is asked anew each time; on a closed stream it throws
   * `ERR_LOCAL_SOCKET_CLOSED`. Source: SO_PEERPIDFD, pidfd_open(2); OpenProcess.
   */
  peerIsRunning(): boolean | undefined {
    return this.#connection.peerIsRunning
  }

  /**
   * The descriptor, which stays the stream's: do not close it. -1 once the stream is closed, and on
   * Windows, where there is none.
   */
  get fd(): number {
    return descriptorOf(this.#connection.slot)
  }

  /** How many bytes reads have taken from the system. */
  get bytesRead(): number {
    return this.#connection.receiver.bytes
  }

  /** How many bytes the system has taken. */
  get bytesWritten(): number {
    return this.#connection.bytesWritten
  }

  /** Whether `close` or `destroy` was called, or both halves were closed. */
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

/** The stream of a connection. */
export function makeStream(connection: Connection): Stream {
  return create(connection)
}

/** The connection of a stream. */
export function connectionOf(stream: Stream): Connection {
  return reveal(stream)
}
