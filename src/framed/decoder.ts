/**
 * What was received: bytes are read into memory, the lengths in it found in one go, and messages
 * handed out as views of it or as copies.
 */
import { ownError } from '../errors.js'
import { takeReturned } from '../reading.js'
import type { Source } from '../reading.js'
import { spend } from '../turn.js'
import { BorrowedBatch } from './batch.js'
import type { Batch } from './batch.js'
import { readLength, tooLong } from './format.js'
import type { Format } from './format.js'
import { MOST_MESSAGES, returnPositions, scan, takePositions } from './positions.js'
import { Reservoir } from './reservoir.js'
import { SLAB_SIZE } from './slabs.js'
import type { Memory } from './slabs.js'

/**
 * Copies of messages that follow each other share blocks of at most this size, so that who keeps
 * one of them keeps no more than that. Longer messages have memory of their own.
 */
export const BLOCK_SIZE: number = 16 * 1024

/**
 * So many messages count as one operation of the turn, on top of the read that brought them: what
 * a program does with a message takes time, too.
 */
const MESSAGES_PER_OPERATION = 64

export class Decoder {
  readonly #format: Format
  readonly #reservoir: Reservoir = new Reservoir()
  #batch: BorrowedBatch | undefined
  /** Where messages begin that were found; there while there is memory for them. */
  #positions: Int32Array | undefined
  /** How many were found, and how many of them were handed out. */
  #count = 0
  #next = 0
  /** There may be whole messages behind those that were found. */
  #more = false
  /** The copy that holds the messages up to `#blockEnd`, and where in the memory it begins. */
  #block: ArrayBuffer | undefined
  #blockBegin = 0
  #blockEnd = 0
  /** A batch of views is out, and valid. */
  #lent = false
  /** Which one was lent last. */
  loan = 0
  /** What is wrong with the bytes behind the messages that were found. */
  fault: (() => Error) | undefined

  constructor(format: Format) {
    this.#format = format
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
    if (this.#isLost()) return 1
    if (this.#more) {
      this.#scan()
      return 1
    }
    const reservoir = this.#reservoir
    const memory = reservoir.room()
    const { tail } = reservoir
    const { returned } = source
    const room = memory.byteLength - tail
    const count =
      returned.length > 0
        ? takeReturned(returned, memory, tail, room)
        : source.read(memory, tail, room)
    if (count > 0) {
      reservoir.tail = tail + count
      this.#scan()
    } else this.rest()
    return count
  }

  /** Nothing more is there now: memory is kept only for what is worth it. */
  rest(): void {
    this.recall()
    if (this.pending || this.#isLost()) return
    this.#reservoir.rest()
    this.#returnPositions(true)
  }

  /** All messages that were found, as views that are valid until the decoder is asked again. */
  borrow(): Batch | undefined {
    const memory = this.#found()
    if (memory === undefined) return undefined
    const batch = (this.#batch ??= new BorrowedBatch(this.#format.width))
    const length = this.#count - this.#next
    batch.lend(memory.buffer, this.#positions as Int32Array, this.#next, length)
    this.#next = this.#count
    this.#lent = true
    this.loan += 1
    return batch
  }

  /** All messages that were found, as copies. */
  takeAll(): Memory[] | undefined {
    const messages: Memory[] = []
    while (this.ready) {
      if (this.#block === undefined && this.#takeBlock(messages)) continue
      const message = this.#takeNext()
      if (message === undefined) return undefined
      messages.push(message)
    }
    this.#restIfEmpty()
    return messages
  }

  /** The next message that was found, as a copy; undefined where the memory is gone. */
  take(): Memory | undefined {
    const message = this.#takeNext()
    this.#restIfEmpty()
    return message
  }

  /** Copies have been made of all: the memory is for others, who may receive before this one. */
  #restIfEmpty(): void {
    const { head, tail } = this.#reservoir
    if (head === tail && !this.pending) this.rest()
  }

  #takeNext(): Memory | undefined {
    const memory = this.#found()
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
    if (length > BLOCK_SIZE) {
      const isLast = this.#next === this.#count && !this.#more
      const handed = isLast ? this.#reservoir.handOver(begin, length) : undefined
      return handed ?? memory.slice(begin, begin + length)
    }
    const last = this.#lastOfBlock(begin, index)
    if (last === index) return memory.slice(begin, begin + length)
    this.#block = this.#copyBlock(memory, begin, last)
    this.#blockBegin = begin
    this.#blockEnd = last + 1
    return new Uint8Array(this.#block, 0, length)
  }

  /** A whole block of copies at once: false where the next message has memory of its own. */
  #takeBlock(messages: Memory[]): boolean {
    const memory = this.#found()
    if (memory === undefined) return false
    const positions = this.#positions as Int32Array
    const { width } = this.#format
    const first = this.#next
    const begin = positions[first] as number
    const last = this.#lastOfBlock(begin, first)
    if (last === first) return false
    const buffer = this.#copyBlock(memory, begin, last)
    let at = begin
    for (let index = first; index <= last; index += 1) {
      const next = positions[index + 1] as number
      messages.push(new Uint8Array(buffer, at - begin, next - width - at))
      at = next
    }
    this.#next = last + 1
    return true
  }

  /** The error of a stream that ends here, if that is in the middle of a message. */
  unexpectedEnd(): (() => Error) | undefined {
    const { width } = this.#format
    const { part, need } = this.#reservoir
    const length = part?.byteLength ?? 0
    if (part === undefined || length === 0) return undefined
    const received = part.slice(Math.min(width, length))
    const where =
      length < width
        ? `in the middle of a message's length, after ${length} of its ${width} bytes`
        : `after ${length - width} of the ${need - width} bytes of a message`
    return () =>
      ownError('UNEXPECTED_END', `receive: the stream ended ${where}`, {
        syscall: 'read',
        received,
      })
  }

  /** The connection is closed. A batch that is out stays readable: its memory is left to it. */
  close(): void {
    this.#reservoir.clear(!this.#lent)
    this.#returnPositions(!this.#lent)
    this.#block = undefined
    this.#count = this.#next = 0
    this.#more = false
  }

  /** The batch that is out is over; or the one of that loan, unless another was lent since. */
  recall(loan: number = this.loan): void {
    if (!this.#lent || loan !== this.loan) return
    this.#lent = false
    this.#batch?.recall()
  }

  /** The memory with what was found, unless it is gone. */
  #found(): Memory | undefined {
    this.recall()
    return this.#isLost() ? undefined : this.#reservoir.memory
  }

  /** Whether somebody has transferred the memory, with bytes in it that were not handed out. */
  #isLost(): boolean {
    const { detached, head, tail } = this.#reservoir
    if (!detached || (head === tail && !this.ready)) return false
    this.fault = transferred
    this.close()
    return true
  }

  /** The last of the messages from `index` on that fit a block together. */
  #lastOfBlock(begin: number, index: number): number {
    const positions = this.#positions as Int32Array
    const most = begin + BLOCK_SIZE + this.#format.width
    let last = index
    while (last + 1 < this.#count && (positions[last + 2] as number) <= most) last += 1
    return last
  }

  /** One copy of the messages from `begin` up to and with the last one. */
  #copyBlock(memory: Memory, begin: number, last: number): ArrayBuffer {
    const behind = (this.#positions as Int32Array)[last + 1] as number
    return memory.slice(begin, behind - this.#format.width).buffer
  }

  /** Finds whole messages, from the head on. */
  #scan(): void {
    const reservoir = this.#reservoir
    const memory = reservoir.memory as Memory
    const positions = (this.#positions ??= takePositions())
    const { width, maxLength } = this.#format
    const count = scan(memory, reservoir.head, reservoir.tail, this.#format, positions)
    spend(0, Math.ceil(count / MESSAGES_PER_OPERATION))
    this.#count = count
    this.#next = 0
    this.#block = undefined
    this.#more = count === MOST_MESSAGES
    const end = positions[count] as number
    const head = end - width
    reservoir.head = head
    const length = end > reservoir.tail ? 0 : readLength(memory, head, this.#format)
    reservoir.need = width + length
    if (length > maxLength) {
      this.#more = false
      this.fault = () => tooLong('receive', length, maxLength)
    }
    if (count === 0) return
    const whole = end - (positions[count - 1] as number)
    reservoir.expected = whole > SLAB_SIZE ? whole : 0
  }

  #returnPositions(again: boolean): void {
    if (this.#reservoir.memory !== undefined || this.#positions === undefined) return
    if (again) returnPositions(this.#positions)
    this.#positions = undefined
  }
}

function transferred(): Error {
  return ownError(
    'DETACHED',
    'receive: the memory of a borrowed batch was transferred, and with it messages that had not been taken; copy them with slice(), or receive copies',
    { syscall: 'read' },
  )
}
