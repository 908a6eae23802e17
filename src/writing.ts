/**
 * A write that stands in line, the end that waits for all writes, and the checks of what is
 * written.
 */
import { argumentType } from './argument-errors.js'
import { ownError } from './errors.js'
import type { Details } from './errors.js'
import type { Linked } from './line.js'
import { Waiting } from './waiting.js'

/** The bytes of what is written. Memory of the caller is not copied. */
export function bytesOf(data: Uint8Array | string): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data)
  if (data instanceof Uint8Array) return data
  throw argumentType('The data to write', 'a Uint8Array or a string', data)
}

/** What stands in a sender's line. */
export interface Outgoing extends Linked<Outgoing> {
  readonly length: number
  /** How many bytes have gone. */
  sent: number
  /** Stays until the sender is uncorked. */
  readonly corked: boolean
  /** Only what can be done now: it does not wait for room. */
  readonly now: boolean
  /** Whether the memory was detached or shrunk since. */
  readonly detached: boolean
  /** The memory whose first `length` bytes these are, those that have gone included. */
  readonly data: Uint8Array
  /** Exactly these bytes. */
  readonly part: Uint8Array
  succeed(): void
  fail(make: () => unknown): void
  expire(): void
}

/** Who takes writes out of the line when they are cancelled. */
export interface Sink {
  withdraw(writing: Writing): void
}

export class Writing extends Waiting<void> implements Outgoing {
  readonly operation = 'write'
  before: Outgoing | undefined
  after: Outgoing | undefined
  sent = 0
  /** Made while the sender was corked: it stays until the sender is uncorked. */
  corked = false
  now = false
  readonly data: Uint8Array
  readonly length: number
  readonly #sink: Sink

  constructor(sink: Sink, data: Uint8Array) {
    super()
    this.#sink = sink
    this.data = data
    this.length = data.byteLength
  }

  get detached(): boolean {
    return this.data.byteLength < this.length
  }

  /** The bytes that were there at the call, should the memory have grown since. */
  get part(): Uint8Array {
    return this.data.byteLength === this.length ? this.data : this.data.subarray(0, this.length)
  }

  protected cancel(make: (details?: Details) => Error): void {
    const bytesWritten = this.sent
    this.#sink.withdraw(this)
    this.fail(() => make({ bytesWritten }))
  }
}

const NO_BYTES = new Uint8Array(0)

/** Stands behind all writes until the last of them has arrived in the kernel. */
export class Arrival implements Outgoing {
  before: Outgoing | undefined
  after: Outgoing | undefined
  readonly length = 0
  sent = 0
  readonly corked = false
  readonly now = false
  readonly detached = false
  readonly data: Uint8Array = NO_BYTES
  readonly part: Uint8Array = NO_BYTES

  succeed(): void {}
  fail(): void {}
  expire(): void {}
}

/** A call of `end`, `close` or `drained`, which waits for all that was written before. */
export class Finishing extends Waiting<void> {
  readonly operation: 'end' | 'close' | 'drained'
  readonly #onCancel: (finishing: Finishing) => void

  constructor(operation: Finishing['operation'], onCancel: (finishing: Finishing) => void) {
    super()
    this.operation = operation
    this.#onCancel = onCancel
  }

  protected cancel(make: (details?: Details) => Error): void {
    this.#onCancel(this)
    this.fail(make)
  }
}

/** Settles all that wait for the same, and forgets them. */
export function settleAll(
  waiting: Set<Finishing> | undefined,
  failure: (() => unknown) | undefined,
): void {
  if (waiting === undefined) return
  for (const finishing of waiting) {
    if (failure === undefined) finishing.succeed()
    else finishing.fail(failure)
  }
  waiting.clear()
}

export function tornError(): Error {
  return ownError(
    'TORN',
    'write: an earlier write went only in part, so that the peer could not tell where this one begins; close the stream',
    { syscall: 'write', bytesWritten: 0 },
  )
}

export function endedError(method: string): Error {
  return ownError('ENDED', `${method}: end() was called before`, {
    syscall: 'write',
    bytesWritten: 0,
  })
}

export function detachedError(bytesWritten: number): Error {
  return ownError(
    'DETACHED',
    'write: the buffer was detached or shrunk before all of it had gone',
    {
      syscall: 'write',
      bytesWritten,
    },
  )
}
