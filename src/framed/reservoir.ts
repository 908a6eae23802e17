/**
 * The memory of what was received and was not taken: a slab while there is something in it, or
 * more where a message needs it. It grows with what arrives, never by what a length claims.
 *
 * The drawback: a message that is larger than a slab is copied each time its memory doubles, unless
 * the one before it was as large.
 */
import { giveLarge, takeLarge } from './large.js'
import { returnSlab, SLAB_SIZE, takeSlab } from './slabs.js'
import type { Memory } from './slabs.js'

/** A part of a message that is no longer than this waits in memory of its own size. */
const STASH_SIZE = 16 * 1024

/** A message that fills so much of grown memory is handed over with it, rather than copied. */
const HAND_OVER = 7 / 8

export class Reservoir {
  memory: Memory | undefined
  /** Begin and end of the bytes in memory that are part of a message, or were not looked at. */
  head = 0
  tail = 0
  /** How many bytes the message at the head takes, length included, as far as that is known. */
  need = 0
  /** What a large message took that came last: the next is expected to be like it. 0: it was not. */
  expected = 0
  /** What the memory's size should be: it is not, once somebody has transferred it. */
  #size = 0
  /** Part of a message, while there is no slab. */
  #stash: Memory | undefined

  /** Whether somebody has transferred the memory, which views of it allow. */
  get detached(): boolean {
    return this.memory !== undefined && this.memory.byteLength !== this.#size
  }

  /** What there is of a message that is not whole. */
  get part(): Memory | undefined {
    return this.#stash ?? this.memory?.subarray(this.head, this.tail)
  }

  /** Memory with room behind what is there. Not where what was there is gone. */
  room(): Memory {
    if (this.detached) this.release(false)
    const memory = this.memory ?? this.#begin()
    if (this.head > 0) {
      if (this.head < this.tail) memory.copyWithin(0, this.head, this.tail)
      this.tail -= this.head
      this.head = 0
    }
    return this.tail === memory.byteLength ? this.#grow(memory) : memory
  }

  /** Nothing more is there now: memory is kept only for what is worth it. */
  rest(): void {
    const length = this.tail - this.head
    if (this.memory === undefined || length > STASH_SIZE) return
    if (length > 0) this.#stash = this.memory.slice(this.head, this.tail)
    this.release(true)
  }

  /** Gives up the memory; to be used again, if nobody looks at it any more. */
  release(again: boolean): void {
    if (this.memory !== undefined) this.#return(this.memory, again)
    this.memory = undefined
    this.head = this.tail = 0
  }

  /** Gives up what there is of a message, too. */
  clear(again: boolean): void {
    this.release(again)
    this.#stash = undefined
  }

  /**
   * The message at `begin` together with the memory, if it is worth that. It is the last one that
   * was found; what is behind it stays.
   */
  handOver(begin: number, length: number): Memory | undefined {
    const { memory } = this
    if (memory === undefined || this.#size <= SLAB_SIZE) return undefined
    if (length < this.#size * HAND_OVER) return undefined
    this.#stash = this.head < this.tail ? memory.slice(this.head, this.tail) : undefined
    this.memory = undefined
    this.head = this.tail = 0
    return new Uint8Array(memory.buffer, begin, length)
  }

  #begin(): Memory {
    const stash = this.#stash
    const memory = this.#adopt(takeSlab(stash?.byteLength ?? 0))
    if (stash !== undefined) {
      memory.set(stash)
      this.tail = stash.byteLength
      this.#stash = undefined
    }
    return memory
  }

  /** It is full: doubles, or takes what the last message took, but not more than is needed. */
  #grow(memory: Memory): Memory {
    const size = this.#size
    const most = Math.max(size * 2, this.expected)
    const grown = size < SLAB_SIZE ? takeSlab(SLAB_SIZE) : takeLarge(Math.min(this.need, most))
    grown.set(memory.subarray(0, this.tail))
    this.#return(memory, true)
    return this.#adopt(grown)
  }

  #adopt(memory: Memory): Memory {
    this.memory = memory
    this.#size = memory.byteLength
    return memory
  }

  #return(memory: Memory, again: boolean): void {
    if (this.#size <= SLAB_SIZE) returnSlab(memory, this.#size, again)
    else if (again) giveLarge(memory)
  }
}
