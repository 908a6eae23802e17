/**
 * How a listener takes connections: who is served next, and what happens when the system has no
 * more to give.
 */
import { acceptClosed, Call, Step } from './accepting.js'
import type { Accepting } from './accepting.js'
import { EAGAIN, ECONNABORTED, errnoOf } from './binding.js'
import { checkWait } from './checks.js'
import { closeSlot } from './endpoint.js'
import type { Owner, Slot } from './endpoint.js'
import { abortError, systemError, timeoutError } from './errors.js'
import type { Gate } from './gate.js'
import { Line } from './line.js'
import type { Name } from './name.js'
import type { Stream } from './stream.js'
import { defer, withinTurn } from './turn.js'
import type { Resumable } from './turn.js'
import type { WaitOptions } from './waiting.js'

/** How long a listener waits, in milliseconds, when descriptors or memory have run out. */
export const ACCEPT_BACKOFF_MS = 100

/** What passes by itself when others close something. `ENOSPC` is epoll's (epoll_ctl(2)). */
const EXHAUSTED: ReadonlySet<number> = new Set(
  ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'ENOSPC'].map((name) => errnoOf(name)),
)

/** The line of those who wait for a connection. */
export class Acceptor extends Line<Accepting<unknown>> implements Owner, Resumable {
  deferred = false
  readonly output = undefined
  readonly slot: Slot
  readonly #name: Name
  readonly #gate: Gate
  /** Let in, when nobody waited for it any more. */
  #kept: Stream | undefined
  #backoff: NodeJS.Timeout | undefined
  #warned = false

  constructor(slot: Slot, name: Name, gate: Gate) {
    super()
    this.slot = slot
    this.#name = name
    this.#gate = gate
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
      if (stream !== undefined) return Promise.resolve(stream)
      if (!this.slot.open) throw acceptClosed()
      return this.#wait(new Call(this), options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  step(): Promise<IteratorResult<Stream, undefined>> {
    if (!this.slot.open) return Promise.resolve({ done: true, value: undefined })
    try {
      const stream = this.#atOnce(undefined)
      if (stream !== undefined) return Promise.resolve({ done: false, value: stream })
      if (!this.slot.open) return Promise.resolve({ done: true, value: undefined })
      return this.#wait(new Step(this), undefined)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  resume(): void {
    while (this.#backoff === undefined && this.first !== undefined) {
      if (!withinTurn()) {
        defer(this)
        return
      }
      const answer = this.#take()
      // A function that judges clients can have cancelled whoever was first.
      const accepting = this.first
      if (accepting === undefined) {
        if (typeof answer !== 'number') this.#kept = answer
        return
      }
      if (!this.#settles(accepting, answer)) return
      this.#leave(accepting)
    }
  }

  withdraw(accepting: Accepting<unknown>): void {
    this.#leave(accepting)
  }

  close(): void {
    closeSlot(this.slot)
    this.#kept?.destroy()
    this.#kept = undefined
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
    if (!(this.#worthATry || now) || !withinTurn()) return undefined
    const answer = this.#take()
    const signal = options?.signal
    if (signal?.aborted === true) {
      // By a function that judges clients: this call takes nobody.
      if (typeof answer !== 'number') this.#kept = answer
      throw abortError(signal.reason, { address: this.address })
    }
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
    if (next && (this.#worthATry || now)) defer(this)
    return accepting.promise
  }

  get #worthATry(): boolean {
    return this.slot.ready || this.#kept !== undefined
  }

  /** The next connection, or a negative errno. */
  #take(): Stream | number {
    const kept = this.#kept
    this.#kept = undefined
    return kept ?? this.#gate.next()
  }

  /** Whether it can be another time, and sees to that. */
  #passes(errno: number): boolean {
    if (errno === EAGAIN) this.slot.ready = false
    else if (errno === ECONNABORTED) defer(this)
    else if (EXHAUSTED.has(errno)) this.#backOff(errno)
    else return false
    return true
  }

  /** Whether the answer settles it. It is still in line. */
  #settles(accepting: Accepting<unknown>, answer: Stream | number): boolean {
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
