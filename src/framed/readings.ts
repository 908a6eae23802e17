/**
 * The ways of receiving: what each does with the messages that were found.
 */
import { DONE, LATER, Reading } from '../reading.js'
import type { Source } from '../reading.js'
import { withinTurn } from '../turn.js'
import { OwnedBatch } from './batch.js'
import type { Batch } from './batch.js'
import type { Decoder } from './decoder.js'
import type { Memory } from './slabs.js'

/** Where messages come from. */
export interface Messages {
  readonly decoder: Decoder
  readonly source: Source
  /**
   * Reads once: undefined if that may have brought something, 0 at the end, or a negative errno.
   * Not `anew`: something was read just now, so that there is only more if that may have left some.
   */
  fill(anew: boolean): number | undefined
  /** Takes down that messages were handed out. */
  update(): void
  /** The end was reached: what is wrong with that, if anything is. */
  end(): (() => Error) | undefined
  /** What was received can't be: the connection is closed for it. */
  breakOff(failure: () => Error): void
  /** Whether the feed is still to be told of batches. */
  feeds(feed: Feed): boolean
}

abstract class FramedReading<T> extends Reading<T> {
  protected readonly messages: Messages

  constructor(operation: string, messages: Messages) {
    super(operation, messages.source)
    this.messages = messages
  }

  /** Hands out what was found; false if the memory of it is gone. */
  protected abstract deliver(): boolean

  /** An orderly end. */
  protected abstract finish(): void

  attempt(): number {
    try {
      return this.proceed()
    } catch (error) {
      // There is no memory for what arrives: nothing behind it can be received either.
      this.#breakOff(() => error as Error)
      return LATER
    }
  }

  /** What {@link attempt} does, unless memory runs out. */
  protected proceed(): number {
    for (;;) {
      const answer = this.find(true)
      if (answer !== DONE) return answer
      if (this.deliver()) {
        this.messages.update()
        return DONE
      }
    }
  }

  end(): void {
    const failure = this.messages.end()
    if (failure === undefined) this.finish()
    else this.#breakOff(failure)
  }

  /** {@link DONE} once there are messages, or what kept it from finding some. */
  protected find(anew: boolean): number {
    const { messages } = this
    const { decoder } = messages
    let fresh = anew
    while (!decoder.ready) {
      if (decoder.fault !== undefined) {
        this.#breakOff(decoder.fault)
        return LATER
      }
      if (!withinTurn()) return LATER
      const count = messages.fill(fresh)
      if (count !== undefined) return count
      fresh = false
    }
    return DONE
  }

  /** The line is empty afterwards: the connection is closed. */
  #breakOff(failure: () => Error): void {
    this.fail(failure)
    this.messages.breakOff(failure)
  }
}

/** `receive`. */
export class MessageReading extends FramedReading<Memory | null> {
  constructor(messages: Messages) {
    super('receive', messages)
  }

  protected deliver(): boolean {
    const message = this.messages.decoder.take()
    if (message !== undefined) this.succeed(message)
    return message !== undefined
  }

  protected finish(): void {
    this.succeed(null)
  }
}

/** A step of an iteration over messages. */
export class StepReading extends FramedReading<IteratorResult<Memory, undefined>> {
  constructor(messages: Messages) {
    super('receive', messages)
  }

  protected deliver(): boolean {
    const value = this.messages.decoder.take()
    if (value !== undefined) this.succeed({ done: false, value })
    return value !== undefined
  }

  protected finish(): void {
    this.succeed({ done: true, value: undefined })
  }
}

/** A step of an iteration over batches. */
export class BatchReading extends FramedReading<IteratorResult<Batch, undefined>> {
  readonly #copy: boolean

  constructor(messages: Messages, copy: boolean) {
    super('receive', messages)
    this.#copy = copy
  }

  protected deliver(): boolean {
    const { decoder } = this.messages
    const value = this.#copy ? copied(decoder) : decoder.borrow()
    if (value !== undefined) this.succeed({ done: false, value })
    return value !== undefined
  }

  protected finish(): void {
    this.succeed({ done: true, value: undefined })
  }
}

function copied(decoder: Decoder): Batch | undefined {
  const messages = decoder.takeAll()
  return messages === undefined ? undefined : new OwnedBatch(messages)
}

/** Stays in line and tells a callback of each batch, until it is withdrawn or nothing more comes. */
export class Feed extends FramedReading<void> {
  call: (batch: Batch) => void
  /** Never within the call that began it. */
  #begun = false

  constructor(messages: Messages, call: (batch: Batch) => void) {
    super('onBatch', messages)
    this.call = call
  }

  protected override proceed(): number {
    if (!this.#begun) {
      this.#begun = true
      return LATER
    }
    for (let anew = true; ; anew = false) {
      const answer = this.find(anew)
      if (answer !== DONE) return answer
      if (!withinTurn()) return LATER
      // The callback can end the feed, or all of the connection: then this is out of the line.
      if (!this.deliver() || !this.messages.feeds(this)) return LATER
    }
  }

  /** False also where the callback has thrown. */
  protected deliver(): boolean {
    const { decoder } = this.messages
    const batch = decoder.borrow()
    if (batch === undefined) return true
    const { loan } = decoder
    this.messages.update()
    try {
      this.call(batch)
      return true
    } catch (error) {
      // It is the program's uncaught exception; what is under way here is in order before it is.
      queueMicrotask(() => {
        throw error
      })
      return false
    } finally {
      // The callback can have ended the feed, and somebody else been lent a batch since.
      decoder.recall(loan)
    }
  }

  protected finish(): void {
    this.succeed()
  }
}
