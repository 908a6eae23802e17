/**
 * What is sent: messages with their lengths before them, gathered in a slab. The first message of
 * a turn goes at once. Those after it wait until the turn is over or the slab is full, so that
 * thousands of small ones share a system call. What the system has no room for stands in the
 * sender's line, like any write.
 *
 * The drawback: each message is copied once, but for what the system takes at once of those that
 * are larger than a slab.
 */
import type { Connection } from '../connection.js'
import { ownError } from '../errors.js'
import type { Sender } from '../sender.js'
import { flushAfterTurn, noteTurn, turnNumber } from '../turn.js'
import type { Gathering } from '../turn.js'
import { checkWait } from '../checks.js'
import type { WaitOptions } from '../waiting.js'
import { bytesOf } from '../writing.js'
import type { Outgoing } from '../writing.js'
import { tooLong, writeLength } from './format.js'
import type { Format } from './format.js'
import { returnSlab, SLAB_SIZE, takeSlab } from './slabs.js'
import type { Memory } from './slabs.js'

/** So many bytes may wait before `send` says to pause. */
export const HIGH_WATER: number = 256 * 1024

/** A slab that fills, and goes by itself or in the sender's line. */
class Gathered implements Outgoing {
  before: Outgoing | undefined
  after: Outgoing | undefined
  length = 0
  sent = 0
  /** It stands in the sender's line. */
  queued = false
  /** Up to where it may be filled. */
  limit: number
  readonly data: Memory
  readonly size: number
  readonly #outbox: Outbox | undefined

  constructor(outbox: Outbox | undefined, data: Memory) {
    this.#outbox = outbox
    this.data = data
    this.size = data.byteLength
    this.limit = this.size
  }

  get corked(): boolean {
    return false
  }

  get now(): boolean {
    return false
  }

  get detached(): boolean {
    return false
  }

  get part(): Uint8Array {
    return this.data.subarray(0, this.length)
  }

  succeed(): void {
    this.#outbox?.gone(this)
  }

  fail(make: () => unknown): void {
    this.#outbox?.lost(this, make)
  }

  /** It never asks for what can be done now only. */
  expire(): void {}
}

/** Stands for a slab where there is none, and has no room. */
const NONE = new Gathered(undefined, new Uint8Array(0))

export class Outbox implements Gathering {
  readonly #format: Format
  readonly #width: number
  readonly #plain: boolean
  readonly #maxLength: number
  readonly #connection: Connection
  readonly #sender: Sender
  #current: Gathered = NONE
  /** Bytes that were sent before those in the current slab, less those that were sent unframed. */
  #before: number
  /** The turn in which the first message went at once. */
  #turn = -1
  /** It is flushed when the turn is over, and its owner held until then. */
  #dirty = false
  /** Why messages were lost, while nobody was told. */
  #untold: (() => unknown) | undefined

  constructor(connection: Connection, format: Format) {
    this.#format = format
    this.#width = format.width
    this.#plain = format.plain
    this.#maxLength = format.maxLength
    this.#connection = connection
    this.#sender = connection.sender
    this.#before = connection.sender.bytes
  }

  /** Bytes, lengths included, that the system has not taken. */
  get buffered(): number {
    return this.#before + this.#current.length - this.#sender.bytes
  }

  send(message: Uint8Array | string): boolean {
    const bytes = message instanceof Uint8Array ? message : bytesOf(message)
    const { length } = bytes
    const current = this.#current
    const end = current.length + this.#width + length
    if (end > current.limit || length > this.#maxLength || length === 0) {
      return this.#sendAnew(bytes, length)
    }
    this.#append(current, bytes, length, end)
    return !current.queued || this.buffered < HIGH_WATER
  }

  /** All that was sent goes now, as far as there is room; waits until it has gone. */
  drained(options: WaitOptions | undefined): Promise<void> {
    const refused = refusal(options, 'drained')
    if (refused !== undefined) return refused
    if (!this.#current.queued) this.#go()
    this.#untold = undefined
    return this.#sender.drained(options)
  }

  end(options: WaitOptions | undefined): Promise<void> {
    const refused = refusal(options, 'end')
    if (refused !== undefined) return refused
    this.seal()
    this.#untold = undefined
    return this.#sender.end(options)
  }

  /** The turn is over. */
  flush(): void {
    this.#dirty = false
    this.#connection.slot.release()
    if (!this.#current.queued) this.#go()
  }

  /** What was gathered goes or stands in line. Gives why messages were lost, unless that was told. */
  seal(): (() => unknown) | undefined {
    this.#makeWay()
    return this.#untold
  }

  /** What was gathered is lost, since the connection was closed at once. */
  discard(): void {
    if (!this.#current.queued && this.#current !== NONE) this.gone(this.#current)
    this.#before = this.#sender.bytes
  }

  /** A slab has gone. */
  gone(slab: Gathered): void {
    if (slab === this.#current) this.#close(slab)
    returnSlab(slab.data, slab.size, true)
  }

  /** A slab was given up, and with it all that follows. */
  lost(slab: Gathered, make: () => unknown): void {
    this.#untold ??= make
    this.gone(slab)
    this.#before = this.#sender.bytes
  }

  /** No slab has room for the message, or there is something about it. */
  #sendAnew(bytes: Uint8Array, length: number): boolean {
    this.#untold = undefined
    this.#sender.check('send')
    if (length > this.#maxLength) throw tooLong('send', length, this.#maxLength)
    if (length === 0) checkAttached(bytes)
    const whole = this.#width + length
    if (whole > SLAB_SIZE) return this.#sendLarge(bytes, length)
    if (this.#current.length + whole > this.#current.limit) this.#makeWay(true)
    const current = this.#current === NONE ? this.#open(whole) : this.#current
    this.#append(current, bytes, length, current.length + whole)
    return this.#place(current)
  }

  #append(current: Gathered, bytes: Uint8Array, length: number, end: number): void {
    const { data } = current
    const at = current.length
    if (this.#plain) {
      data[at] = length >>> 24
      data[at + 1] = length >>> 16
      data[at + 2] = length >>> 8
      data[at + 3] = length
      data.set(bytes, at + 4)
    } else {
      writeLength(data, at, length, this.#format)
      data.set(bytes, at + this.#width)
    }
    current.length = end
  }

  /** Whether the slab goes at once, waits for the end of the turn, or stands in line. */
  #place(current: Gathered): boolean {
    if (!current.queued) {
      if (this.#sender.waiting) this.#put(current)
      else if (!this.#dirty) {
        const turn = turnNumber()
        if (this.#turn === turn) {
          this.#dirty = true
          this.#connection.slot.hold(this.#connection)
          flushAfterTurn(this)
        } else {
          this.#turn = turn
          noteTurn()
          this.#put(current, undefined, true)
        }
      }
    }
    return this.#mayGoOn
  }

  get #mayGoOn(): boolean {
    return !this.#sender.waiting || this.buffered < HIGH_WATER
  }

  /** More than a slab: from the caller's memory; only what the system does not take is copied. */
  #sendLarge(bytes: Uint8Array, length: number): boolean {
    if (this.#current.length + this.#width > this.#current.limit) this.#makeWay(true)
    const current = this.#current === NONE ? this.#open(this.#width) : this.#current
    writeLength(current.data, current.length, length, this.#format)
    current.length += this.#width
    let at = 0
    if (current.queued) this.#close(current)
    else {
      at = this.#put(current, bytes)
      this.#before += at
      this.#close(current)
    }
    while (at < length) {
      const slab = this.#open(SLAB_SIZE)
      const count = Math.min(slab.size, length - at)
      slab.data.set(bytes.subarray(at, at + count))
      slab.length = count
      at += count
      this.#put(slab)
      if (at < length) this.#close(slab)
    }
    return this.#mayGoOn
  }

  #open(least: number): Gathered {
    return (this.#current = new Gathered(this, takeSlab(least)))
  }

  /** Nothing more is added to the slab; it is no more the current one. */
  #close(slab: Gathered): void {
    if (slab !== this.#current) return
    slab.limit = 0
    this.#before += slab.length
    this.#current = NONE
  }

  /** There is no current slab afterwards; with `telling`, an error is thrown rather than noted. */
  #makeWay(telling = false): void {
    const current = this.#current
    if (!current.queued) {
      if (telling && current !== NONE) this.#put(current)
      else this.#go()
    }
    this.#close(current)
  }

  /** The current slab goes or stands in line, where nobody can be told of an error. */
  #go(): void {
    const current = this.#current
    if (current === NONE) return
    try {
      this.#put(current)
    } catch (error) {
      this.#untold ??= () => error
    }
  }

  /** Gives a slab to the sender, and `more` behind it: how much of that has gone. */
  #put(slab: Gathered, more?: Uint8Array, first = false): number {
    slab.queued = true
    try {
      return this.#sender.put(slab, more, first)
    } catch (error) {
      this.gone(slab)
      this.#before = this.#sender.bytes
      throw error
    }
  }
}

/** The rejection of options that can't be: before what the call is to tell of is given up. */
function refusal(options: WaitOptions | undefined, method: string): Promise<never> | undefined {
  try {
    if (options !== undefined) checkWait(options, method)
    return undefined
  } catch (error) {
    return Promise.reject(error)
  }
}

/** A message without bytes is one, but not when its memory was taken away. */
function checkAttached(bytes: Uint8Array): void {
  try {
    // Which throws for memory that was detached, and for a view that is out of its bounds.
    Uint8Array.prototype.at.call(bytes, 0)
  } catch {
    throw ownError('DETACHED', 'send: the memory of the message was detached', { syscall: 'write' })
  }
}
