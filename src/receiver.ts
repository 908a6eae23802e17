/**
 * The receiving direction of a stream: who reads next, and what is done at once.
 */
import { EAGAIN } from './binding.js'
import type { Calls } from './binding.js'
import { native } from './endpoint.js'
import type { Owner, Slot } from './endpoint.js'
import { closedError, systemError, timeoutError } from './errors.js'
import { Line } from './line.js'
import { checkWait } from './checks.js'
import {
  checkExact,
  checkInto,
  ChunkReading,
  detachedRead,
  DONE,
  ExactReading,
  IntoReading,
  LATER,
  readChunk,
  readInto,
  StepReading,
} from './reading.js'
import type { Chunk, Reading, Source } from './reading.js'
import { borrowScratch, RECEIVE_SIZE, takeScratch } from './scratch.js'
import { awaitInput, readAwake } from './spin.js'
import { defer, spend, withinTurn } from './turn.js'
import type { Resumable } from './turn.js'
import type { WaitOptions } from './waiting.js'

/**
 * From so many bytes on, a read that got less than it had room for is tried again all the same: a
 * sender of bulk mostly has more by then, and trying costs less than a turn of the loop.
 */
const BULK = 16 * 1024

/** Shared by all to whom nothing was given back, which are most of them: nothing is added to it. */
const NOTHING: Chunk[] = []

export class Receiver extends Line<Reading<unknown>> implements Resumable, Source {
  deferred = false
  /** Bytes that the kernel has given. */
  bytes = 0
  closed = false
  /**
   * An error of the connection that a write was told. The system tells it only once; who reads
   * and finds the end instead learns of it through this.
   */
  broken: number | undefined
  returned: Chunk[] = NOTHING
  /** Kept by framing: it has messages in memory, so that there may be an answer without the system. */
  buffered = false
  readonly #slot: Slot
  readonly #owner: Owner
  readonly #calls: Calls
  /** How every read is answered once the last byte was taken: 0, the end, or a negative errno. */
  #ended: number | undefined

  constructor(slot: Slot, owner: Owner) {
    super()
    this.#slot = slot
    this.#owner = owner
    this.#calls = native().calls
  }

  get referenced(): boolean {
    return this.#slot.referenced
  }

  get waiting(): boolean {
    return this.first !== undefined
  }

  /** `read` of a stream. */
  chunk(options: WaitOptions | undefined): Promise<Chunk | null> {
    try {
      if (this.#mayTry('read', options)) {
        const chunk = readChunk(this)
        if (typeof chunk !== 'number') return Promise.resolve(chunk)
        if (chunk === 0) return Promise.resolve(null)
        this.#refuse(chunk, 'read', options)
      }
      return this.#wait(new ChunkReading(this), options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** A step of an iteration. */
  step(): Promise<IteratorResult<Chunk, undefined>> {
    try {
      if (this.#mayTry('read', undefined)) {
        const chunk = readChunk(this)
        if (typeof chunk !== 'number') return Promise.resolve({ done: false, value: chunk })
        if (chunk === 0) return Promise.resolve({ done: true, value: undefined })
        this.#refuse(chunk, 'read', undefined)
      }
      return this.#wait(new StepReading(this), undefined)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  into(buffer: Uint8Array, options: WaitOptions | undefined): Promise<number | null> {
    try {
      checkInto(buffer)
      if (this.#mayTry('readInto', options)) {
        const count = readInto(this, buffer, buffer.byteLength)
        if (count > 0) return Promise.resolve(count)
        if (count === 0) return Promise.resolve(null)
        this.#refuse(count, 'readInto', options)
      }
      return this.#wait(new IntoReading(this, buffer), options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  exact(length: number, options: WaitOptions | undefined): Promise<Chunk> {
    try {
      checkExact(length)
      if (length === 0) {
        this.#check('readExact', options)
        return Promise.resolve(new Uint8Array(0))
      }
      const mayTry = this.#mayTry('readExact', options)
      const reading = new ExactReading(this, length)
      reading.now = options?.timeout === 0
      if (mayTry && this.#serve(reading)) return reading.promise
      return this.#wait(reading, options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Any other way of reading. */
  perform<T>(reading: Reading<T>, options: WaitOptions | undefined): Promise<T> {
    try {
      const mayTry = this.#mayTry(reading.operation, options)
      reading.now = options?.timeout === 0
      if (mayTry && (this.#serve(reading) || this.closed)) return reading.promise
      return this.#wait(reading, options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** A chunk, null for the end, undefined when there is nothing now. One system call at most. */
  tryChunk(): Chunk | null | undefined {
    if (this.closed) throw closedError('tryRead', 'stream')
    if (this.first !== undefined) return undefined
    const returned = this.returned.shift()
    if (returned !== undefined) return returned
    const count = this.#receive(borrowScratch(), 0, RECEIVE_SIZE)
    if (count > 0) return takeScratch(count)
    if (count === 0) return null
    if (count === EAGAIN) return undefined
    throw systemError(count, 'read')
  }

  /** Something may have arrived, or it is this stream's turn. */
  resume(): void {
    for (;;) {
      const reading = this.first
      if (reading === undefined) return
      if (!(this.answerable || reading.now)) {
        awaitInput(this.#slot)
        return
      }
      if (!withinTurn()) {
        defer(this)
        return
      }
      if (!this.#serve(reading)) {
        if (!this.answerable) awaitInput(this.#slot)
        return
      }
      // What is read can be such that the stream is destroyed, which takes all out of the line.
      if (this.closed) return
      this.#leave(reading)
    }
  }

  /** No more reads: those that wait fail. */
  close(make: () => unknown): void {
    if (this.closed) return
    this.closed = true
    this.returned = NOTHING
    this.buffered = false
    for (;;) {
      const reading = this.first
      if (reading === undefined) return
      this.#leave(reading)
      reading.fail(make)
    }
  }

  read(into: Uint8Array, offset: number, length: number): number {
    const count = this.#receive(into, offset, length)
    spend(count > 0 ? count : 0)
    return count
  }

  withdraw(reading: Reading<unknown>, giveBack?: Chunk): void {
    if (giveBack !== undefined) this.#giveBack(giveBack)
    this.#leave(reading)
    // What it had taken may be what the next one waits for.
    if (giveBack !== undefined && this.waiting) defer(this)
  }

  #giveBack(chunk: Chunk): void {
    if (this.returned === NOTHING) this.returned = [chunk]
    else this.returned.unshift(chunk)
  }

  #receive(into: Uint8Array, offset: number, length: number): number {
    if (this.#ended !== undefined) return this.#ended
    const slot = this.#slot
    const count = slot.looking
      ? readAwake(slot, into, offset, length)
      : this.#calls.read(slot.id, into, offset, length)
    if (count > 0) {
      this.bytes += count
      if (count < length && count < BULK && !this.#slot.lasting) this.#slot.ready = false
      return count
    }
    if (count === EAGAIN) {
      this.#slot.ready = false
      return count
    }
    // Detached memory is the caller's error, and none of the stream.
    if (count < 0 && into.byteLength < offset + length) return count
    return (this.#ended = count === 0 ? (this.broken ?? 0) : count)
  }

  /** An attempt to read may be answered with something else than that nothing is there. */
  get answerable(): boolean {
    return (
      this.#slot.ready || this.#ended !== undefined || this.returned.length > 0 || this.buffered
    )
  }

  #check(method: string, options: WaitOptions | undefined): void {
    if (this.closed) throw closedError(method, 'stream')
    if (options !== undefined) checkWait(options, method)
  }

  /** Checks the call, then: whether there may be an answer at once, and may be in this turn. */
  #mayTry(method: string, options: WaitOptions | undefined): boolean {
    this.#check(method, options)
    if (this.first !== undefined) return false
    return (this.answerable || options?.timeout === 0) && withinTurn()
  }

  /** A read at the call was answered with `errno`: throws, unless it can wait. */
  #refuse(errno: number, method: string, options: WaitOptions | undefined): void {
    if (errno === EAGAIN) {
      if (options?.timeout === 0) throw timeoutError(method, 0)
      return
    }
    throw method === 'readInto' && this.#ended === undefined
      ? detachedRead()
      : systemError(errno, 'read')
  }

  /** Whether the read is settled now. It is still in line, if it was before. */
  #serve(reading: Reading<unknown>): boolean {
    const answer = this.#attempt(reading)
    if (answer === DONE) return true
    if (answer === 0) {
      reading.end()
      return true
    }
    if (answer === LATER || answer === EAGAIN) {
      if (reading.now && answer === EAGAIN) {
        const { received } = reading
        if (received !== undefined) this.#giveBack(received)
        reading.giveUp()
        return true
      }
      if (answer === LATER && reading === this.first) defer(this)
      return false
    }
    const { received } = reading
    reading.fail(() => systemError(answer, 'read', { received }))
    return true
  }

  /** There may be no memory for what arrives: that is this read's failure, and nobody else's. */
  #attempt(reading: Reading<unknown>): number {
    try {
      return reading.attempt()
    } catch (error) {
      reading.fail(() => error)
      return DONE
    }
  }

  #wait<T>(reading: Reading<T>, options: WaitOptions | undefined): Promise<T> {
    const now = options?.timeout === 0
    // Others are before it, so that it can't be done now.
    if (now && this.first !== undefined) throw timeoutError(reading.operation, 0)
    reading.now = now
    if (this.first === undefined) this.#slot.hold(this.#owner)
    this.push(reading)
    if (!now) reading.watch(options)
    if (now || this.answerable) defer(this)
    else awaitInput(this.#slot)
    return reading.promise
  }

  #leave(reading: Reading<unknown>): void {
    this.remove(reading)
    if (this.first === undefined) this.#slot.release()
  }
}
