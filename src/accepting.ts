/**
 * What waits for a connection.
 */
import { closedError } from './errors.js'
import type { Details } from './errors.js'
import type { Linked } from './line.js'
import type { Stream } from './stream.js'
import { Waiting } from './waiting.js'

/** Where it waits. */
interface Acceptances {
  readonly address: string
  withdraw(accepting: Accepting<unknown>): void
}

/** An `accept` that waits, or a step of an iteration, which knows an end. */
export abstract class Accepting<T> extends Waiting<T> implements Linked<Accepting<unknown>> {
  readonly operation = 'accept'
  before: Accepting<unknown> | undefined
  after: Accepting<unknown> | undefined
  now = false
  readonly #line: Acceptances

  constructor(line: Acceptances) {
    super()
    this.#line = line
  }

  abstract accepted(stream: Stream): void
  abstract closed(): void

  protected cancel(make: (details?: Details) => Error): void {
    const { address } = this.#line
    this.#line.withdraw(this)
    this.fail(() => make({ address }))
  }
}

export class Call extends Accepting<Stream> {
  accepted(stream: Stream): void {
    this.succeed(stream)
  }

  closed(): void {
    this.fail(acceptClosed)
  }
}

export class Step extends Accepting<IteratorResult<Stream, undefined>> {
  accepted(stream: Stream): void {
    this.succeed({ done: false, value: stream })
  }

  closed(): void {
    this.succeed({ done: true, value: undefined })
  }
}

export function acceptClosed(): Error {
  return closedError('accept', 'listener')
}
