/**
 * What was received: bytes are read into a slab, the lengths in it found in one go, and messages
 * handed out as views of it or as copies. Memory grows with what arrives, never by what a length
 * claims, and is given back when nothing is left in it.
 *
 * The drawback: a message that is larger than a slab is copied each time its memory doubles, unless
 * the one before it was as large.
 */
import { ownError } from '../errors.js'
import { takeReturned } from '../reading.js'
import type { Source } from '../reading.js'
import { spend } from '../turn.js'
import { BorrowedBatch } from './batch.js'
import type { Batch } from './batch.js'
import { readLength, tooLong } from './format.js'
import type { Format } from './format.js'
import { giveLarge, takeLarge } from './large.js'
import { returnSlab, SLAB_SIZE, takeSlab } from './slabs.js'
import type { Memory } from './slabs.js'

/** How many messages one batch has at most; those beyond are in the next. */
export const MOST_MESSAGES: number = 16 * 1024

/**
 * Copies of messages that follow each other share blocks of at most this size, so that who keeps
 * one of them keeps no more than that. Longer messages have memory of their own.
 */
export const BLOCK_SIZE: number = 16 * 1024

/** A part of a message that is no longer than this waits in memory of its own size. */
const STASH_SIZE = 16 * 1024

/** A message that fills so much of grown memory is handed over with it, rather than copied. */
const HAND_OVER = 7 / 8

/** For where messages begin: kept for the next that needs some. */
const freePositions: Int32Array[] = []
const KEPT_POSITIONS = 4

export class Decoder {
  readonly #format: Format
  readonly #batch: BorrowedBatch
  #memory: Memory | undefined
  /** What the memory's size should be: it is not, once somebody has transferred it. */
  #size = 0
  #positions: Int32Array | undefined
  /** Begin and end of the bytes in memory that were not looked at, or are part of a message. */
  #head = 0
  #tail = 0
  /** Messages that were found, and how many of them were handed out. */
  #count = 0
  #next = 0
  /** How many bytes the message at the head takes, length included, as far as that is known. */
  #need = 0
  /** There may be whole messages behind those that were found. */
  #more = false
  /** The size of a large message that came last; the next is expected to be like it. */
  #expected = 0
  /** Part of a message, while there is no slab. */
  #stash: Memory | undefined
  /** The copy that holds the messages up to `#blockEnd`, and where in the memory it begins. */
  #block: ArrayBuffer | undefined
  #blockBegin = 0
  #blockEnd = 0
  /** A batch of views is out, and valid. */
  #lent = false
  /** What is wrong with the bytes behind the messages that were found. */
  fault: (() => Error) | undefined

  constructor(format: Format) {
    this.#format = format
    this.#batch = new BorrowedBatch(format.width)
  }

  /** A message can be handed out. */
  get ready(): boolean {
    return this.#next < this.#count
  }

  /** There may be an answer without reading. */
  get pending(): boolean {
    return this.#next < this.#count || this.#more || this.fault !== undefined
  }

  /** Reads once and looks for messages: the number of bytes, 0 at the end, or a negative errno. */
  fill(source: Source): number {
    this.recall()
    if (this.#more) {
      this.#scan()
      spend(0)
      return 1
    }
    const memory = this.#room()
    if (memory === undefined) return 1
    const { returned } = source
    const room = memory.byteLength - this.#tail
    const count =
      returned.length > 0
        ? takeReturned(returned, memory, this.#tail, room)
        : source.read(memory, this.#tail, room)
    if (count > 0) {
      this.#tail += count
      this.#scan()
    } else this.rest()
    return count
  }

  /** Nothing more is there now: memory is kept only for what is worth it. */
  rest(): void {
    this.recall()
    const memory = this.#memory
    if (memory === undefined || this.pending) return
    if (this.#detached) {
      if (this.#head < this.#tail) this.#intact()
      else this.#giveBack(false)
      return
    }
    const length = this.#tail - this.#head
    if (length > STASH_SIZE) return
    if (length > 0) this.#stash = memory.slice(this.#head, this.#tail)
    this.#giveBack(true)
  }

  /** All messages that were found, as views that are valid until the decoder is asked again. */
  borrow(): Batch | undefined {
    const memory = this.#intact()
    if (memory === undefined) return undefined
    const batch = this.#batch
    const length = this.#count - this.#next
    batch.lend(memory.buffer, this.#positions as Int32Array, this.#next, length)
    this.#next = this.#count
    this.#lent = true
    return batch
  }

  /** All messages that were found, as copies. */
  takeAll(): Memory[] | undefined {
    const messages: Memory[] = []
    while (this.ready) {
      const message = this.take()
      if (message === undefined) return undefined
      messages.push(message)
    }
    return messages
  }

  /** The next message that was found, as a copy; undefined where the memory is gone. */
  take(): Memory | undefined {
    const memory = this.#intact()
    if (memory === undefined) return undefined
    const positions = this.#positions as Int32Array
    const index = this.#next++
    const begin = positions[index] as number
    const length = (positions[index + 1] as number) - this.#format.width - begin
    if (index < this.#blockEnd && this.#block !== undefined) {
      const message = new Uint8Array(this.#block, begin - this.#blockBegin, length)
      if (index + 1 === this.#blockEnd) this.#block = undefined
      return message
    }
    const alone = index + 1 === this.#count && !this.#more && this.#size > SLAB_SIZE
    if (alone && length >= this.#size * HAND_OVER) return this.#handOver(begin, length)
    const last = this.#lastOfBlock(begin, index)
    if (last === index) return memory.slice(begin, begin + length)
    const end = (positions[last + 1] as number) - this.#format.width
    this.#block = memory.slice(begin, end).buffer
    this.#blockBegin = begin
    this.#blockEnd = last + 1
    return new Uint8Array(this.#block, 0, length)
  }

  /** The error of a stream that ends here, if that is in the middle of a message. */
  unexpectedEnd(): (() => Error) | undefined {
    this.recall()
    const { width } = this.#format
    const part = this.#stash ?? this.#memory?.subarray(this.#head, this.#tail)
    const length = part?.byteLength ?? 0
    if (part === undefined || length === 0) return undefined
    const received = part.slice(Math.min(width, length))
    const where =
      length < width
        ? `in the middle of a message's length, after ${length} of its ${width} bytes`
        : `after ${length - width} of the ${this.#need - width} bytes of a message`
    return () =>
      ownError('UNEXPECTED_END', `receive: the stream ended ${where}`, {
        syscall: 'read',
        received,
      })
  }

  /** The connection is closed. A batch that is out stays readable: its memory is left to it. */
  close(): void {
    this.#giveBack(!this.#lent)
    this.#stash = undefined
    this.#block = undefined
    this.#count = this.#next = 0
    this.#more = false
  }

  /** The batch that is out is over. */
  recall(): void {
    if (!this.#lent) return
    this.#lent = false
    this.#batch.length = 0
  }

  get #detached(): boolean {
    return this.#memory !== undefined && this.#memory.byteLength !== this.#size
  }

  /** The memory, unless somebody has transferred it: then there is a fault. */
  #intact(): Memory | undefined {
    this.recall()
    if (!this.#detached) return this.#memory
    this.fault = detached
    this.close()
    return undefined
  }

  /** Memory with room behind what is there; none where what was there is gone. */
  #room(): Memory | undefined {
    if (this.#detached) {
      if (this.#head < this.#tail) return this.#intact()
      this.#giveBack(false)
    }
    const memory = this.#memory ?? this.#begin()
    if (this.#head > 0) {
      if (this.#head < this.#tail) memory.copyWithin(0, this.#head, this.#tail)
      this.#tail -= this.#head
      this.#head = 0
    }
    return this.#need > memory.byteLength ? this.#grow(memory) : memory
  }

  #begin(): Memory {
    const stash = this.#stash
    const least = Math.max(this.#expected, stash?.byteLength ?? 0)
    const memory = least > SLAB_SIZE ? takeLarge(least) : takeSlab(least)
    this.#adopt(memory)
    if (stash !== undefined) {
      memory.set(stash)
      this.#tail = stash.byteLength
      this.#stash = undefined
    }
    this.#positions = freePositions.pop() ?? new Int32Array(MOST_MESSAGES + 1)
    return memory
  }

  #adopt(memory: Memory): void {
    this.#memory = memory
    this.#size = memory.byteLength
  }

  /** Doubles, or takes what a message took that has come before, but not more than is needed. */
  #grow(memory: Memory): Memory {
    const most = Math.max(this.#size * 2, this.#expected)
    const grown =
      this.#size < SLAB_SIZE ? takeSlab(SLAB_SIZE) : takeLarge(Math.min(this.#need, most))
    grown.set(memory.subarray(0, this.#tail))
    this.#return(memory, true)
    this.#adopt(grown)
    return grown
  }

  #return(memory: Memory, again: boolean): void {
    if (this.#size <= SLAB_SIZE) returnSlab(memory, this.#size, again)
    else if (again) giveLarge(memory)
  }

  #giveBack(again: boolean): void {
    if (this.#memory !== undefined) this.#return(this.#memory, again)
    if (this.#positions !== undefined && again && freePositions.length < KEPT_POSITIONS) {
      freePositions.push(this.#positions)
    }
    this.#memory = undefined
    this.#positions = undefined
    this.#head = this.#tail = 0
  }

  /** The memory goes with the only message in it. */
  #handOver(begin: number, length: number): Memory {
    const memory = this.#memory as Memory
    this.#memory = undefined
    const left = memory.subarray(this.#head, this.#tail)
    this.#stash = left.byteLength > 0 ? left.slice() : undefined
    this.#giveBack(true)
    return new Uint8Array(memory.buffer, begin, length)
  }

  /** The last of the messages from `index` on that fit a block together. */
  #lastOfBlock(begin: number, index: number): number {
    const positions = this.#positions as Int32Array
    const most = begin + BLOCK_SIZE + this.#format.width
    let last = index
    while (last + 1 < this.#count && (positions[last + 2] as number) <= most) last += 1
    return last
  }

  /** Finds whole messages, from the head on. */
  #scan(): void {
    const memory = this.#memory as Memory
    const positions = this.#positions as Int32Array
    const { width, maxLength } = this.#format
    this.#next = 0
    this.#block = undefined
    const count = this.#format.plain
      ? this.#scanPlain(memory, positions, maxLength)
      : this.#scanAny(memory, positions)
    this.#count = count
    const head = (positions[count] as number) - width
    this.#head = head
    this.#more = count === MOST_MESSAGES
    const found = this.#tail - head
    const length = found < width ? 0 : readLength(memory, head, this.#format)
    this.#need = width + length
    if (length > maxLength) {
      this.#more = false
      this.fault = () => tooLong('receive', length, maxLength)
    }
    if (count > 0) this.#expect((positions[count] as number) - (positions[count - 1] as number))
  }

  #expect(whole: number): void {
    this.#expected = whole > SLAB_SIZE ? whole : 0
  }

  #scanPlain(memory: Memory, positions: Int32Array, maxLength: number): number {
    let at = this.#head
    let count = 0
    const tail = this.#tail
    const last = tail - 4
    while (at <= last && count < MOST_MESSAGES) {
      const length =
        (((memory[at] as number) << 24) |
          ((memory[at + 1] as number) << 16) |
          ((memory[at + 2] as number) << 8) |
          (memory[at + 3] as number)) >>>
        0
      if (length > maxLength) break
      const end = at + 4 + length
      if (end > tail) break
      positions[count++] = at + 4
      at = end
    }
    positions[count] = at + 4
    return count
  }

  #scanAny(memory: Memory, positions: Int32Array): number {
    const { width, maxLength } = this.#format
    let at = this.#head
    let count = 0
    while (at + width <= this.#tail && count < MOST_MESSAGES) {
      const length = readLength(memory, at, this.#format)
      if (length > maxLength || at + width + length > this.#tail) break
      positions[count++] = at + width
      at += width + length
    }
    positions[count] = at + width
    return count
  }
}

function detached(): Error {
  return ownError(
    'DETACHED',
    'receive: the memory of a borrowed batch was transferred, and with it messages that had not been taken; copy them with slice(), or receive copies',
    { syscall: 'read' },
  )
}
