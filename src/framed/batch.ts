/**
 * Messages that were received together.
 */
import { argumentRange } from '../argument-errors.js'
import type { Memory } from './slabs.js'

/** Messages that were received together, in the order in which they were sent. */
export interface Batch extends Iterable<Memory> {
  /** How many messages: at least one; 0 once a borrowed batch is over. */
  readonly length: number
  /**
   * The message at `index`, 0 to `length` - 1. Of a borrowed batch it is a new view of borrowed
   * memory at each call. Throws `ERR_OUT_OF_RANGE` (RangeError) for another index, so also for
   * every one once a borrowed batch is over.
   */
  at(index: number): Memory
}

function outOfRange(index: number, length: number): Error {
  const wanted = length === 0 ? 'none: the batch is over' : `an integer from 0 to ${length - 1}`
  return argumentRange('The index of a message', wanted, index)
}

const NO_BUFFER = new ArrayBuffer(0)
const NO_POSITIONS = new Int32Array(0)

/** Views of memory that will be used again. One object for all batches of a connection. */
export class BorrowedBatch implements Batch {
  length = 0
  readonly #width: number
  #buffer: ArrayBuffer = NO_BUFFER
  /** Where each message begins, and where one behind the last would. */
  #positions: Int32Array = NO_POSITIONS
  #first = 0

  constructor(width: number) {
    this.#width = width
  }

  lend(buffer: ArrayBuffer, positions: Int32Array, first: number, length: number): void {
    this.#buffer = buffer
    this.#positions = positions
    this.#first = first
    this.length = length
  }

  /** It is over, and holds no memory: there are many connections, most of them idle. */
  recall(): void {
    this.lend(NO_BUFFER, NO_POSITIONS, 0, 0)
  }

  at(index: number): Memory {
    if (index >>> 0 !== index || index >= this.length) throw outOfRange(index, this.length)
    const positions = this.#positions
    const at = this.#first + index
    const begin = positions[at] as number
    const end = (positions[at + 1] as number) - this.#width
    return new Uint8Array(this.#buffer, begin, end - begin)
  }

  [Symbol.iterator](): Iterator<Memory, undefined, undefined> {
    return new BatchIterator(this)
  }
}

class BatchIterator implements Iterator<Memory, undefined, undefined> {
  readonly #batch: BorrowedBatch
  #next = 0

  constructor(batch: BorrowedBatch) {
    this.#batch = batch
  }

  next(): IteratorResult<Memory, undefined> {
    const batch = this.#batch
    const index = this.#next
    if (index >= batch.length) return { done: true, value: undefined }
    this.#next = index + 1
    return { done: false, value: batch.at(index) }
  }
}

/** Messages for good. */
export class OwnedBatch implements Batch {
  readonly #messages: readonly Memory[]

  constructor(messages: readonly Memory[]) {
    this.#messages = messages
  }

  get length(): number {
    return this.#messages.length
  }

  at(index: number): Memory {
    const message = this.#messages[index]
    if (message === undefined) throw outOfRange(index, this.length)
    return message
  }

  [Symbol.iterator](): Iterator<Memory, undefined, undefined> {
    return this.#messages[Symbol.iterator]()
  }
}
