/**
 * The two directions of a stream, for two owners.
 */
import { illegalConstructor } from './argument-errors.js'
import type { Connection } from './connection.js'
import { closedError, ownError } from './errors.js'
import { Iteration } from './iteration.js'
import type { Chunk } from './reading.js'
import type { WaitOptions } from './waiting.js'

/** One split of a stream: valid until its halves are put together again. */
export class Split {
  /** The stream that was split. */
  readonly owner: object
  readonly connection: Connection
  reunited = false
  receiverClosed = false
  senderClosed = false

  constructor(owner: object, connection: Connection) {
    this.owner = owner
    this.connection = connection
  }

  /** What a call on a half fails with, if it may not be made. */
  refusal(method: string, closed: boolean): Error | undefined {
    if (this.reunited) {
      const message = `${method}: this half was given back with Stream.reunite; use the stream`
      return ownError('LOCKED', message, { syscall: method })
    }
    return closed ? closedError(method, 'half') : undefined
  }

  /** The same, for a call that reads. */
  receiverRefusal(method: string): Error | undefined {
    return this.reunited || this.receiverClosed ? this.refusal(method, true) : undefined
  }

  /** A step of an iteration over what the receiving half gets. */
  step(): Promise<IteratorResult<Chunk, undefined>> {
    const refusal = this.receiverRefusal('read')
    return refusal === undefined ? this.connection.receiver.step() : Promise.reject(refusal)
  }
}

let makeRecvHalf: (split: Split) => RecvHalf
let makeSendHalf: (split: Split) => SendHalf
let splitOfRecv: (half: RecvHalf) => Split
let splitOfSend: (half: SendHalf) => Split
/** Set while this module makes a half. */
let making = false

function checkMaking(): void {
  if (!making) throw illegalConstructor('use stream.split()')
  making = false
}

/** The receiving direction of a stream that was split. */
export class RecvHalf {
  static {
    makeRecvHalf = (split) => {
      making = true
      return new RecvHalf(split)
    }
    splitOfRecv = (half) => half.#split
  }

  readonly #split: Split

  private constructor(split: Split) {
    checkMaking()
    this.#split = split
  }

  /** As {@link Stream.read}. */
  read(options?: WaitOptions): Promise<Uint8Array<ArrayBuffer> | null> {
    const refusal = this.#split.receiverRefusal('read')
    if (refusal !== undefined) return Promise.reject(refusal)
    return this.#split.connection.receiver.chunk(options)
  }

  /** As {@link Stream.readInto}. */
  readInto(buffer: Uint8Array, options?: WaitOptions): Promise<number | null> {
    const refusal = this.#split.receiverRefusal('readInto')
    if (refusal !== undefined) return Promise.reject(refusal)
    return this.#split.connection.receiver.into(buffer, options)
  }

  /** As {@link Stream.readExact}. */
  readExact(length: number, options?: WaitOptions): Promise<Uint8Array<ArrayBuffer>> {
    const refusal = this.#split.receiverRefusal('readExact')
    if (refusal !== undefined) return Promise.reject(refusal)
    return this.#split.connection.receiver.exact(length, options)
  }

  /** As {@link Stream.tryRead}. */
  tryRead(): Uint8Array<ArrayBuffer> | null | undefined {
    const refusal = this.#split.receiverRefusal('tryRead')
    if (refusal !== undefined) throw refusal
    return this.#split.connection.receiver.tryChunk()
  }

  /** As iterating over a {@link Stream}: chunks until the end; `break` leaves the half open. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array<ArrayBuffer>, undefined, undefined> {
    return new Iteration(this.#split)
  }

  /**
   * Gives up receiving: pending reads reject with `ERR_LOCAL_SOCKET_CLOSED`. The peer is not told;
   * what it sends stays in the system's buffer, so that it has to wait once that is full. The
   * stream closes when its sending half is closed, too. May be called again.
   */
  close(): Promise<void> {
    const split = this.#split
    const refusal = split.refusal('close', false)
    if (refusal !== undefined) return Promise.reject(refusal)
    split.receiverClosed = true
    split.connection.receiver.close(() => closedError('read', 'half'))
    return split.senderClosed ? split.connection.close(undefined) : Promise.resolve()
  }

  /** Closes the half when the scope of an `await using` is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    const split = this.#split
    if (split.reunited) return
    const closed = this.close()
    await (split.senderClosed ? split.connection.dispose() : closed)
  }
}

/** The sending direction of a stream that was split. */
export class SendHalf {
  static {
    makeSendHalf = (split) => {
      making = true
      return new SendHalf(split)
    }
    splitOfSend = (half) => half.#split
  }

  readonly #split: Split
  #closing: Promise<void> | undefined

  private constructor(split: Split) {
    checkMaking()
    this.#split = split
  }

  /** As {@link Stream.write}. */
  write(data: Uint8Array | string, options?: WaitOptions): Promise<void> {
    const refusal = this.#refusal('write')
    if (refusal !== undefined) return Promise.reject(refusal)
    return this.#split.connection.sender.write(data, options)
  }

  /** As {@link Stream.tryWrite}. */
  tryWrite(data: Uint8Array | string): number {
    const refusal = this.#refusal('tryWrite')
    if (refusal !== undefined) throw refusal
    return this.#split.connection.sender.tryWrite(data)
  }

  /** As {@link Stream.cork}. */
  cork(): void {
    const refusal = this.#refusal('cork')
    if (refusal !== undefined) throw refusal
    this.#split.connection.sender.cork()
  }

  /** As {@link Stream.uncork}. */
  uncork(): void {
    const refusal = this.#refusal('uncork')
    if (refusal !== undefined) throw refusal
    this.#split.connection.sender.uncork()
  }

  /** As {@link Stream.end}. */
  end(options?: WaitOptions): Promise<void> {
    const refusal = this.#refusal('end')
    if (refusal !== undefined) return Promise.reject(refusal)
    return this.#split.connection.sender.end(options)
  }

  /**
   * Flushes, tells the peer that no more comes (as {@link SendHalf.end}), and gives up sending.
   * The stream closes when its receiving half is closed, too. May be called again.
   */
  close(): Promise<void> {
    const split = this.#split
    const refusal = split.refusal('close', false)
    if (refusal !== undefined) return Promise.reject(refusal)
    if (this.#closing === undefined) {
      this.#closing = split.receiverClosed
        ? split.connection.close(undefined)
        : split.connection.sender.end(undefined)
      split.senderClosed = true
    }
    return this.#closing
  }

  /** Closes the half when the scope of an `await using` is left, as `await using` does a stream. */
  async [Symbol.asyncDispose](): Promise<void> {
    const split = this.#split
    if (split.reunited) return
    split.senderClosed = true
    await (split.receiverClosed ? split.connection.dispose() : split.connection.disposeSender())
  }

  #refusal(method: string): Error | undefined {
    const split = this.#split
    return split.reunited || split.senderClosed ? split.refusal(method, true) : undefined
  }
}

/** Splits: the halves of a stream. */
export function makeHalves(split: Split): { recv: RecvHalf; send: SendHalf } {
  return { recv: makeRecvHalf(split), send: makeSendHalf(split) }
}

/** The split that a receiving half comes from. */
export function splitOfRecvHalf(half: RecvHalf): Split {
  return splitOfRecv(half)
}

/** The split that a sending half comes from. */
export function splitOfSendHalf(half: SendHalf): Split {
  return splitOfSend(half)
}
