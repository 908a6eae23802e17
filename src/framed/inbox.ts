/**
 * Who receives: one by one, as an iteration, in batches, or by a callback.
 */
import { AsyncResource } from 'node:async_hooks'
import { EAGAIN } from '../binding.js'
import type { Connection } from '../connection.js'
import { closedError, lateRejection, ownError, systemError } from '../errors.js'
import { checkWait } from '../checks.js'
import type { Reading } from '../reading.js'
import type { Receiver } from '../receiver.js'
import type { WaitOptions } from '../waiting.js'
import type { Batch } from './batch.js'
import { Decoder } from './decoder.js'
import type { Format } from './format.js'
import { BatchReading, Feed, MessageReading, StepReading } from './readings.js'
import type { Messages } from './readings.js'
import type { Memory } from './slabs.js'

type Step<T> = Promise<IteratorResult<T, undefined>>

/** Told of each batch. */
export type BatchCallback = (batch: Batch) => void

export class Inbox implements Messages {
  readonly decoder: Decoder
  readonly source: Receiver
  readonly #connection: Connection
  /** The iteration or the feed that receiving belongs to, if it does. */
  #consumer: object | undefined
  #callback: BatchCallback | undefined
  #feed: Feed | undefined
  /** How it ended, once it has: well if there is no failure. */
  #outcome: { readonly failure: (() => unknown) | undefined } | undefined
  #ended: Promise<void> | undefined
  #settleEnded: ((outcome: Promise<void> | undefined) => void) | undefined

  constructor(connection: Connection, format: Format) {
    this.#connection = connection
    this.source = connection.receiver
    const decoder = new Decoder(format)
    this.decoder = decoder
    // Also where it was forgotten: so this must not know the inbox, which knows the connection.
    connection.slot.onClose = () => decoder.close()
  }

  receive(options: WaitOptions | undefined): Promise<Memory | null> {
    if (this.#consumer !== undefined && !(this.#consumer instanceof MessageIteration)) {
      return Promise.reject(this.#lockedError('receive'))
    }
    try {
      if (options !== undefined) checkWait(options, 'receive')
      const message = this.#takeFound()
      if (message !== undefined) return Promise.resolve(message)
    } catch (error) {
      return Promise.reject(error)
    }
    return this.#perform(new MessageReading(this), options)
  }

  messages(): AsyncIterableIterator<Memory, undefined, undefined> {
    return new MessageIteration(this)
  }

  batches(copy: boolean): AsyncIterableIterator<Batch, undefined, undefined> {
    return new BatchIteration(this, copy)
  }

  get onBatch(): BatchCallback | undefined {
    return this.#callback
  }

  set onBatch(callback: BatchCallback | undefined) {
    const feed = this.#feed
    if (callback === undefined) {
      this.#callback = undefined
      this.#feed = undefined
      if (feed === undefined) return
      this.release(feed)
      // Otherwise it has left the line.
      if (this.#outcome === undefined) this.source.withdraw(feed)
      return
    }
    // The context in which it was set is that in which it is called.
    const resource = new AsyncResource('LocalSocketBatch', { requireManualDestroy: true })
    const call: BatchCallback = (batch) => resource.runInAsyncScope(callback, undefined, batch)
    if (feed === undefined) {
      if (this.source.closed) throw closedError('onBatch', 'stream')
      if (this.source.waiting) throw this.#lockedError('onBatch')
    }
    const next = feed ?? new Feed(this, call)
    this.claim(next, 'onBatch')
    next.call = call
    this.#callback = callback
    if (feed !== undefined) return
    this.#feed = next
    // How it ends is told by `ended`.
    this.#perform(next, undefined).catch(nothing)
  }

  /** Settles when nothing more comes: rejects if it did not end well. */
  get ended(): Promise<void> {
    if (this.#ended === undefined) {
      this.#ended = new Promise((resolve) => {
        this.#settleEnded = (outcome) => resolve(outcome)
      })
      // It rejects for those who wait on it, and nobody must.
      this.#ended.catch(nothing)
      if (this.#outcome !== undefined) this.#settle()
    }
    return this.#ended
  }

  /** One step of an iteration over messages. */
  step(): Step<Memory> {
    const value = this.#takeFound()
    if (value !== undefined) return Promise.resolve({ done: false, value })
    return this.#perform(new StepReading(this), undefined)
  }

  /** One step of an iteration over batches. */
  batchStep(copy: boolean): Step<Batch> {
    return this.#perform(new BatchReading(this, copy), undefined)
  }

  /** Only one may consume at a time. */
  claim(consumer: object, method: string): void {
    if (this.#consumer === consumer || this.#outcome !== undefined) return
    if (this.#consumer !== undefined) throw this.#lockedError(method)
    this.#consumer = consumer
  }

  release(consumer: object): void {
    if (this.#consumer === consumer) this.#consumer = undefined
  }

  fill(anew: boolean): number | undefined {
    const { decoder, source } = this
    if (!anew && !decoder.pending && !source.answerable) {
      decoder.rest()
      return decoder.fault === undefined ? EAGAIN : undefined
    }
    const count = decoder.fill(source)
    this.update()
    if (count > 0) return undefined
    if (count < 0 && count !== EAGAIN) this.finish(() => systemError(count, 'read'))
    return count
  }

  update(): void {
    this.source.buffered = this.decoder.pending
  }

  feeds(feed: Feed): boolean {
    return this.#feed === feed && this.#outcome === undefined
  }

  end(): (() => Error) | undefined {
    const failure = this.decoder.unexpectedEnd()
    this.finish(failure)
    return failure
  }

  breakOff(failure: () => Error): void {
    this.finish(failure)
    this.#connection.destroyWith(failure)
  }

  /** Nothing more comes. */
  finish(failure: (() => unknown) | undefined): void {
    if (this.#outcome !== undefined) return
    this.#outcome = { failure }
    this.#consumer = undefined
    this.#settle()
  }

  /** The connection was closed here. */
  closed(make: () => unknown): void {
    this.decoder.close()
    this.finish(make)
  }

  /**
   * The next message, if it was found already. It need not wait for its turn: those that were found
   * together were accounted for when they were, and the next read gives way.
   */
  #takeFound(): Memory | undefined {
    const { decoder, source } = this
    if (!decoder.ready || source.waiting || source.closed) return undefined
    const message = decoder.take()
    this.update()
    return message
  }

  #settle(): void {
    const failure = this.#outcome?.failure
    this.#settleEnded?.(failure === undefined ? undefined : lateRejection(failure))
  }

  #perform<T>(reading: Reading<T>, options: WaitOptions | undefined): Promise<T> {
    // The batch before is over, also where nothing is there for another.
    if (!this.source.answerable) {
      this.decoder.rest()
      this.update()
    }
    return this.source.perform(reading, options)
  }

  #lockedError(method: string): Error {
    const who =
      this.#consumer === undefined
        ? 'a receive() or a step of an iteration is waiting'
        : this.#consumer === this.#feed
          ? 'messages go to onBatch'
          : 'an iteration is under way'
    return ownError('LOCKED', `${method}: ${who}; only one can take messages at a time`, {
      syscall: method,
    })
  }
}

/** An iteration. Leaving it leaves what it has not taken to whoever receives next. */
abstract class Consumption<T> implements AsyncIterableIterator<T, undefined, undefined> {
  protected readonly inbox: Inbox
  #done = false

  constructor(inbox: Inbox) {
    this.inbox = inbox
  }

  protected abstract step(): Step<T>

  next(): Step<T> {
    if (this.#done) return Promise.resolve({ done: true, value: undefined })
    try {
      this.inbox.claim(this, 'next')
      return this.step()
    } catch (error) {
      return Promise.reject(error)
    }
  }

  return(): Step<T> {
    this.#done = true
    this.inbox.release(this)
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

class MessageIteration extends Consumption<Memory> {
  protected step(): Step<Memory> {
    return this.inbox.step()
  }
}

class BatchIteration extends Consumption<Batch> {
  readonly #copy: boolean

  constructor(inbox: Inbox, copy: boolean) {
    super(inbox)
    this.#copy = copy
  }

  protected step(): Step<Batch> {
    return this.inbox.batchStep(this.#copy)
  }
}

function nothing(): void {}
