/**
 * How a listener takes connections: who is served next, and what happens when the system has no
 * more to give.
 */
import { EAGAIN, errnoOf } from './binding.js'
import { Connection } from './connection.js'
import { closeSlot, native, openSlot } from './endpoint.js'
import type { Owner, Slot } from './endpoint.js'
import { closedError, systemError, timeoutError } from './errors.js'
import type { Details } from './errors.js'
import { Line } from './line.js'
import type { Linked } from './line.js'
import type { Name } from './name.js'
import { checkWait } from './options.js'
import type { BusyPoll } from './patience.js'
import { makeStream } from './stream.js'
import type { Stream } from './stream.js'
import { defer, spend, withinTurn } from './turn.js'
import type { Resumable } from './turn.js'
import { Waiting } from './waiting.js'
import type { WaitOptions } from './waiting.js'

/** How long a listener waits, in milliseconds, when descriptors or memory have run out. */
export const ACCEPT_BACKOFF_MS = 100

/** What passes by itself when others close something. `ENOSPC` is epoll's (epoll_ctl(2)). */
const EXHAUSTED: ReadonlySet<number> = new Set(
  ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'ENOSPC'].map((name) => errnoOf(name)),
)
/** A client that has gone again: the next one is looked at. */
const ECONNABORTED = errnoOf('ECONNABORTED')

/** An `accept` that waits, or a step of an iteration, which knows an end. */
abstract class Accepting<T> extends Waiting<T> implements Linked<Accepting<unknown>> {
  readonly operation = 'accept'
  before: Accepting<unknown> | undefined
  after: Accepting<unknown> | undefined
  now = false
  readonly #acceptor: Acceptor

  constructor(acceptor: Acceptor) {
    super()
    this.#acceptor = acceptor
  }

  abstract accepted(stream: Stream): void
  abstract closed(): void

  protected cancel(make: (details?: Details) => Error): void {
    const { address } = this.#acceptor
    this.#acceptor.withdraw(this)
    this.fail(() => make({ address }))
  }
}

class Call extends Accepting<Stream> {
  accepted(stream: Stream): void {
    this.succeed(stream)
  }

  closed(): void {
    this.fail(acceptClosed)
  }
}

class Step extends Accepting<IteratorResult<Stream, undefined>> {
  accepted(stream: Stream): void {
    this.succeed({ done: false, value: stream })
  }

  closed(): void {
    this.succeed({ done: true, value: undefined })
  }
}

function acceptClosed(): Error {
  return closedError('accept', 'listener')
}

/** The line of those who wait for a connection. */
export class Acceptor extends Line<Accepting<unknown>> implements Owner, Resumable {
  deferred = false
  readonly output = undefined
  readonly slot: Slot
  readonly #name: Name
  /** How its streams wait for bytes. */
  readonly #busyPoll: BusyPoll | undefined
  #backoff: NodeJS.Timeout | undefined
  #warned = false

  constructor(slot: Slot, name: Name, busyPoll: BusyPoll | undefined) {
    super()
    this.slot = slot
    this.#name = name
    this.#busyPoll = busyPoll
  }

  get address(): string {
    return this.#name.toString()
  }

  get referenced(): boolean {
    return this.slot.referenced
  }

  get input(): Resumable | undefined {
    return this.first === undefined || this.#backoff !== undefined ? undefined : this
  }

  atExit(): void {}

  call(options: WaitOptions | undefined): Promise<Stream> {
    try {
      if (!this.slot.open) throw acceptClosed()
      if (options !== undefined) checkWait(options, 'accept')
      const stream = this.#atOnce(options)
      return stream === undefined ? this.#wait(new Call(this), options) : Promise.resolve(stream)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  step(): Promise<IteratorResult<Stream, undefined>> {
    if (!this.slot.open) return Promise.resolve({ done: true, value: undefined })
    try {
      const stream = this.#atOnce(undefined)
      return stream === undefined
        ? this.#wait(new Step(this), undefined)
        : Promise.resolve({ done: false, value: stream })
    } catch (error) {
      return Promise.reject(error)
    }
  }

  resume(): void {
    if (this.#backoff !== undefined) return
    for (;;) {
      const accepting = this.first
      if (accepting === undefined) return
      if (!withinTurn()) {
        defer(this)
        return
      }
      if (!this.#serve(accepting)) return
      this.#leave(accepting)
    }
  }

  withdraw(accepting: Accepting<unknown>): void {
    this.#leave(accepting)
  }

  close(): void {
    closeSlot(this.slot)
    clearTimeout(this.#backoff)
    this.#backoff = undefined
    for (;;) {
      const accepting = this.first
      if (accepting === undefined) return
      this.#leave(accepting)
      accepting.closed()
    }
  }

  /** What is there, if it may be taken in this turn: nothing has to be made that could wait. */
  #atOnce(options: WaitOptions | undefined): Stream | undefined {
    const now = options?.timeout === 0
    if (this.first !== undefined || this.#backoff !== undefined) {
      // Others are before it, so that it can't be done now.
      if (now) throw timeoutError('accept', 0, { address: this.address })
      return undefined
    }
    if (!(this.slot.ready || now) || !withinTurn()) return undefined
    const answer = this.#take()
    if (typeof answer !== 'number') return answer
    if (!this.#passes(answer)) throw systemError(answer, 'accept', { address: this.address })
    if (now) throw timeoutError('accept', 0, { address: this.address })
    return undefined
  }

  #wait<T>(accepting: Accepting<T>, options: WaitOptions | undefined): Promise<T> {
    const next = this.first === undefined && this.#backoff === undefined
    const now = options?.timeout === 0
    accepting.now = now
    if (this.first === undefined) this.slot.hold(this)
    this.push(accepting)
    if (!now) accepting.watch(options)
    if (next && (this.slot.ready || now)) defer(this)
    return accepting.promise
  }

  /** The next connection, or a negative errno. */
  #take(): Stream | number {
    const { calls } = native()
    let answer: number
    do {
      answer = calls.accept(this.slot.id)
      spend(0)
    } while (answer === ECONNABORTED && withinTurn())
    if (answer < 0) return answer
    return makeStream(new Connection(openSlot(answer, 'stream'), this.#busyPoll))
  }

  /** Whether it can be another time, and sees to that. */
  #passes(errno: number): boolean {
    if (errno === EAGAIN) this.slot.ready = false
    else if (errno === ECONNABORTED) defer(this)
    else if (EXHAUSTED.has(errno)) this.#backOff(errno)
    else return false
    return true
  }

  /** Whether it is settled now. It is still in line, if it was before. */
  #serve(accepting: Accepting<unknown>): boolean {
    const answer = this.#take()
    if (typeof answer !== 'number') {
      accepting.accepted(answer)
      return true
    }
    if (!this.#passes(answer)) {
      accepting.fail(() => systemError(answer, 'accept', { address: this.address }))
      return true
    }
    if (accepting.now) accepting.fail(() => timeoutError('accept', 0, { address: this.address }))
    return accepting.now
  }

  #backOff(errno: number): void {
    this.#backoff = setTimeout(retry, ACCEPT_BACKOFF_MS, this)
    this.#backoff.unref()
    if (this.#warned) return
    this.#warned = true
    const { message } = systemError(errno, 'accept', { address: this.address })
    process.emitWarning(
      `${message}. Clients wait; it is tried again every ${ACCEPT_BACKOFF_MS} ms`,
      {
        type: 'LocalSocketWarning',
        code: 'LOCAL_SOCKET_ACCEPT',
      },
    )
  }

  retry(): void {
    this.#backoff = undefined
    this.resume()
  }

  #leave(accepting: Accepting<unknown>): void {
    this.remove(accepting)
    if (this.first === undefined) this.slot.release()
  }
}

function retry(acceptor: Acceptor): void {
  acceptor.retry()
}
