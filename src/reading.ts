/**
 * The ways of reading: what each does with what is there.
 */
import { argumentRange, argumentType, argumentValue } from './argument-errors.js'
import { EINVAL } from './binding.js'
import { ownError, timeoutError } from './errors.js'
import type { Details } from './errors.js'
import type { Linked } from './line.js'
import { borrowScratch, RECEIVE_SIZE, takeScratch } from './scratch.js'
import { withinTurn } from './turn.js'
import { Waiting } from './waiting.js'

/** Bytes that were received. */
export type Chunk = Uint8Array<ArrayBuffer>

/** Where reads get their bytes from. */
export interface Source {
  /** Bytes that a cancelled `readExact` gave back; they are read first. */
  readonly returned: Chunk[]
  /** Into memory: a number of bytes, 0 for the end, or a negative errno. */
  read(into: Uint8Array, offset: number, length: number): number
  /** Takes the read out of the line; what has been read is given back. */
  withdraw(reading: Reading<unknown>, giveBack?: Chunk): void
}

/** An attempt has satisfied the read. */
export const DONE = 1
/** An attempt has used up what may be done in this turn, and there may be more. */
export const LATER = 2

/** A read that stands in line. */
export abstract class Reading<T> extends Waiting<T> implements Linked<Reading<unknown>> {
  before: Reading<unknown> | undefined
  after: Reading<unknown> | undefined
  /** Only what can be done now: it does not wait for more to come. */
  now = false

  protected constructor(
    readonly operation: string,
    protected readonly source: Source,
  ) {
    super()
  }

  /** {@link DONE}, {@link LATER}, or what kept it from that: 0 for the end, or a negative errno. */
  abstract attempt(): number

  /** The end was reached before it was satisfied. */
  abstract end(): void

  /** What had arrived for it, if it collects. */
  get received(): Chunk | undefined {
    return undefined
  }

  protected cancel(make: (details?: Details) => Error): void {
    this.source.withdraw(this, this.received)
    this.fail(make)
  }

  /** It was to be done now, and there isn't enough. */
  giveUp(): void {
    this.fail(() => timeoutError(this.operation, 0))
  }
}

/** `read`, and a step of an iteration: whatever is there. */
export function readChunk(source: Source): Chunk | number {
  const returned = source.returned.shift()
  if (returned !== undefined) return returned
  const count = source.read(borrowScratch(), 0, RECEIVE_SIZE)
  return count > 0 ? takeScratch(count) : count
}

export class ChunkReading extends Reading<Chunk | null> {
  constructor(source: Source) {
    super('read', source)
  }

  attempt(): number {
    const chunk = readChunk(this.source)
    if (typeof chunk === 'number') return chunk
    this.succeed(chunk)
    return DONE
  }

  end(): void {
    this.succeed(null)
  }
}

export class StepReading extends Reading<IteratorResult<Chunk, undefined>> {
  constructor(source: Source) {
    super('read', source)
  }

  attempt(): number {
    const chunk = readChunk(this.source)
    if (typeof chunk === 'number') return chunk
    this.succeed({ done: false, value: chunk })
    return DONE
  }

  end(): void {
    this.succeed({ done: true, value: undefined })
  }
}

export function checkInto(buffer: Uint8Array): void {
  if (!(buffer instanceof Uint8Array)) {
    throw argumentType('The buffer of readInto', 'a Uint8Array', buffer)
  }
  if (buffer.byteLength === 0) {
    throw argumentValue(
      'The buffer of readInto must not be empty: no bytes read could not be told from the end',
    )
  }
}

/** Fills the caller's memory with what is there. */
export function readInto(source: Source, buffer: Uint8Array, length: number): number {
  const returned = source.returned[0]
  if (returned === undefined) return source.read(buffer, 0, length)
  if (buffer.byteLength < length) return EINVAL
  return takeReturned(source.returned, buffer, 0, length)
}

/** Copies from what was given back; what is left of it stays the next to be read. */
export function takeReturned(
  returned: Chunk[],
  into: Uint8Array,
  offset: number,
  length: number,
): number {
  const first = returned[0] as Chunk
  const count = Math.min(first.byteLength, length)
  into.set(count === first.byteLength ? first : first.subarray(0, count), offset)
  if (count === first.byteLength) returned.shift()
  else returned[0] = first.subarray(count)
  return count
}

export class IntoReading extends Reading<number | null> {
  readonly #buffer: Uint8Array
  readonly #length: number

  constructor(source: Source, buffer: Uint8Array) {
    super('readInto', source)
    this.#buffer = buffer
    this.#length = buffer.byteLength
  }

  attempt(): number {
    const count = readInto(this.source, this.#buffer, this.#length)
    if (count === EINVAL && this.#buffer.byteLength < this.#length) {
      this.fail(detachedRead)
      return DONE
    }
    if (count <= 0) return count
    this.succeed(count)
    return DONE
  }

  end(): void {
    this.succeed(null)
  }
}

export function detachedRead(): Error {
  return ownError(
    'DETACHED',
    'readInto: the buffer was detached or shrunk before it was filled. Nothing was read',
    { syscall: 'read' },
  )
}

/** How much memory a `readExact` gets before anything has arrived. */
const FIRST_EXACT = RECEIVE_SIZE

/** The longest typed array that every supported runtime can make. */
const LONGEST_EXACT = 2 ** 32 - 1

export function checkExact(length: number): void {
  const wanted = `an integer from 0 to ${LONGEST_EXACT}`
  if (typeof length !== 'number') throw argumentType('The length of readExact', wanted, length)
  if (!Number.isInteger(length) || length < 0 || length > LONGEST_EXACT) {
    throw argumentRange('The length of readExact', wanted, length)
  }
}

export class ExactReading extends Reading<Chunk> {
  #memory: Chunk | undefined
  #filled = 0
  readonly #length: number

  constructor(source: Source, length: number) {
    super('readExact', source)
    this.#length = length
  }

  attempt(): number {
    while (this.#filled < this.#length) {
      if (!withinTurn()) return LATER
      const memory = this.#room()
      const { returned } = this.source
      const room = memory.byteLength - this.#filled
      const count =
        returned.length > 0
          ? takeReturned(returned, memory, this.#filled, room)
          : this.source.read(memory, this.#filled, room)
      if (count <= 0) return count
      this.#filled += count
    }
    this.succeed(this.#memory as Chunk)
    return DONE
  }

  /** Doubles with what has arrived, so that a length alone, whoever sent it, costs nothing. */
  #room(): Chunk {
    const memory = this.#memory
    if (memory !== undefined && this.#filled < memory.byteLength) return memory
    const size = Math.min(this.#length, Math.max(FIRST_EXACT, this.#filled * 2))
    const grown = new Uint8Array(size)
    if (memory !== undefined) grown.set(memory)
    this.#memory = grown
    return grown
  }

  override get received(): Chunk | undefined {
    return this.#filled > 0 ? this.#memory?.slice(0, this.#filled) : undefined
  }

  end(): void {
    const received = this.received ?? new Uint8Array(0)
    this.fail(() =>
      ownError(
        'UNEXPECTED_END',
        `readExact: the stream ended after ${received.byteLength} of ${this.#length} bytes`,
        { syscall: 'read', received },
      ),
    )
  }
}
