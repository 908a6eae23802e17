/**
 * The sending direction of a stream: what goes at once, and what waits for room.
 */
import { EAGAIN, ECONNRESET, ENOTSUP } from './binding.js'
import type { Calls } from './binding.js'
import { native, watchRoom } from './endpoint.js'
import type { Owner, Slot } from './endpoint.js'
import { closedError, systemError, timeoutError } from './errors.js'
import { Line } from './line.js'
import { checkWait } from './checks.js'
import { defer, spend, withinTurn } from './turn.js'
import type { Resumable } from './turn.js'
import type { WaitOptions } from './waiting.js'
import {
  Arrival,
  bytesOf,
  detachedError,
  endedError,
  Finishing,
  settleAll,
  tornError,
  Writing,
} from './writing.js'
import type { Outgoing, Sink } from './writing.js'

/** How many writes one system call takes along. The addon takes no more. */
const PARTS = 64

/** Who is told that the connection is broken, since the system tells it only once. */
interface Breakable {
  broken: number | undefined
}

/** Who owns a sender, and is told that it has drained. */
export interface Drainable extends Owner {
  /** All has gone that was written, or, with an error, can go no more. */
  drained(failure: (() => unknown) | undefined): void
}

/**
 * There may be thousands of connections: what most of them never need, such as a set of calls that
 * wait, is made when it is first needed.
 */
export class Sender extends Line<Outgoing> implements Resumable, Sink {
  deferred = false
  /** Bytes that the kernel has taken. */
  bytes = 0
  closed = false
  readonly #slot: Slot
  readonly #owner: Drainable
  readonly #calls: Calls
  readonly #connection: Breakable
  /** Calls of `end` that wait until all has gone. */
  #endings: Set<Finishing> | undefined
  /** Calls of `drained` that wait for the same, and nothing else. */
  #drainings: Set<Finishing> | undefined
  #corks = 0
  /** Whether the owner is held, since something waits. */
  #held = false
  #endAsked = false
  #ended = false
  /** Makes the error of all further writes. */
  #refusal: (() => Error) | undefined
  /** Whether the owner is to be told when the line is empty. */
  #draining = false

  constructor(slot: Slot, owner: Drainable, connection: Breakable) {
    super()
    this.#connection = connection
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

  get corked(): boolean {
    return this.#corks > 0
  }

  /** Throws what a call that writes fails with, if it may not be made. */
  check(method: string): void {
    if (this.closed) throw closedError(method, 'stream', { bytesWritten: 0 })
    if (this.#refusal !== undefined) throw this.#refusal()
    if (this.#endAsked) throw endedError(method)
  }

  write(data: Uint8Array | string, options: WaitOptions | undefined): Promise<void> {
    try {
      const bytes = bytesOf(data)
      this.check('write')
      if (options !== undefined) checkWait(options, 'write', { bytesWritten: 0 })
      const now = options?.timeout === 0
      if (this.first !== undefined || this.#corks > 0) {
        if (now) throw timeoutError('write', 0, { bytesWritten: 0 })
        return this.#wait(bytes, options)
      }
      if (!withinTurn()) {
        const written = this.#wait(bytes, options)
        defer(this)
        return written
      }
      const length = bytes.byteLength
      const count = length === 0 ? 0 : this.#calls.write(this.#slot.id, bytes, 0, length)
      spend(count > 0 ? count : 0)
      if (count > 0) this.bytes += count
      if (count === length) return Promise.resolve()
      if (count < 0 && count !== EAGAIN) throw this.#break(count)
      const sent = count > 0 ? count : 0
      if (now) {
        if (sent > 0) this.#refusal = tornError
        throw timeoutError('write', 0, { bytesWritten: sent })
      }
      const written = this.#wait(bytes, options, sent)
      watchRoom(this.#slot, true)
      return written
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** How many bytes went at once: 0 when there is no room, or others are waiting. */
  tryWrite(data: Uint8Array | string): number {
    const bytes = bytesOf(data)
    this.check('tryWrite')
    if (this.first !== undefined || this.#corks > 0 || bytes.byteLength === 0) return 0
    const count = this.#calls.write(this.#slot.id, bytes, 0, bytes.byteLength)
    if (count >= 0) {
      this.bytes += count
      return count
    }
    if (count === EAGAIN) return 0
    throw this.#break(count)
  }

  /**
   * For framing, which gathers: what was gathered, and `more` from memory that stays the caller's.
   * Both go at once if they can; what is left of `gathered` stands in line. Gives how much of
   * `more` has gone, which is 0 before all of `gathered` has. What is `first` in its turn goes
   * whatever the turn's budget.
   */
  put(gathered: Outgoing, more: Uint8Array | undefined, first: boolean): number {
    const mayTry = this.first === undefined && (first || withinTurn())
    let count = 0
    if (mayTry) {
      const { id } = this.#slot
      count =
        more === undefined
          ? this.#calls.write(id, gathered.data, 0, gathered.length)
          : this.#calls.writev(id, [gathered.part, more], 0)
      spend(count > 0 ? count : 0)
      if (count < 0 && count !== EAGAIN) throw this.#break(count)
      if (count < 0) count = 0
      this.bytes += count
    }
    gathered.sent = Math.min(count, gathered.length)
    if (gathered.sent === gathered.length) {
      gathered.succeed()
      return count - gathered.sent
    }
    if (mayTry) watchRoom(this.#slot, true)
    else if (this.first === undefined) defer(this)
    this.#push(gathered)
    return 0
  }

  /** Waits until all has gone that was written before. */
  drained(options: WaitOptions | undefined): Promise<void> {
    try {
      if (options !== undefined) checkWait(options, 'drained')
      if (this.#refusal !== undefined) throw this.#refusal()
      const empty = this.first === undefined
      if (empty && withinTurn()) return Promise.resolve()
      if (options?.timeout === 0) throw timeoutError('drained', 0)
      const draining: Finishing = new Finishing('drained', () => this.#drainings?.delete(draining))
      ;(this.#drainings ??= new Set()).add(draining)
      draining.watch(options)
      if (empty) defer(this)
      return draining.promise
    } catch (error) {
      return Promise.reject(error)
    }
  }

  cork(): void {
    this.check('cork')
    this.#corks += 1
  }

  uncork(): void {
    if (this.#corks === 0) return
    this.#corks -= 1
    if (this.#corks === 0) this.resume()
  }

  end(options: WaitOptions | undefined): Promise<void> {
    try {
      if (this.closed) throw closedError('end', 'stream')
      if (options !== undefined) checkWait(options, 'end')
      this.#endAsked = true
      this.#corks = 0
      if (this.first !== undefined) this.resume()
      else if (this.#ended) return Promise.resolve()
      if (this.#refusal !== undefined) throw this.#refusal()
      if (this.first === undefined) {
        const failure = (this.#ended ? undefined : this.#finish()) ?? this.#flush()
        if (failure !== undefined) throw failure()
        if (this.first === undefined) return Promise.resolve()
      }
      if (options?.timeout === 0) throw timeoutError('end', 0)
      // A cancelled call stops to wait; what was written still goes, and the end after it.
      const ending: Finishing = new Finishing('end', () => this.#endings?.delete(ending))
      ;(this.#endings ??= new Set()).add(ending)
      ending.watch(options)
      return ending.promise
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Takes no more writes, and tells the owner when those before have gone; at once if none wait. */
  drain(): void {
    this.closed = true
    this.#corks = 0
    if (this.first !== undefined) {
      // Before the attempt, which may empty the line.
      this.#draining = true
      this.resume()
      return
    }
    const failure = this.#refusal === undefined ? this.#flush() : undefined
    if (this.first === undefined) this.#owner.drained(failure)
    else this.#draining = true
  }

  /** No more writes: those that wait fail, with `error` if there is one. */
  close(error: (() => unknown) | undefined): void {
    this.closed = true
    this.#refusal ??= writeClosed
    this.#draining = false
    settleAll(this.#endings, error ?? endClosed)
    // Closed with nothing in line: that has drained.
    settleAll(this.#drainings, this.waiting ? (error ?? drainedClosed) : undefined)
    if (!this.waiting) return
    this.#failAll(
      ({ sent }) => error ?? (() => closedError('write', 'stream', { bytesWritten: sent })),
    )
  }

  /** There is room, or it is this stream's turn. */
  resume(): void {
    while (this.#sendable !== undefined) {
      if (!withinTurn()) {
        defer(this)
        return
      }
      if (!this.#send()) return
    }
    if (this.first === undefined) settleAll(this.#drainings, undefined)
  }

  /** The process ends: what can go at once goes, whatever the turn. */
  atExit(): void {
    this.#corks = 0
    while (this.#sendable !== undefined && this.#send());
  }

  withdraw(writing: Writing): void {
    const first = writing === this.first
    this.remove(writing)
    if (first && writing.sent > 0) this.#tear()
    this.#settle()
  }

  #wait(bytes: Uint8Array, options: WaitOptions | undefined, sent = 0): Promise<void> {
    const writing = new Writing(this, bytes)
    writing.sent = sent
    writing.corked = this.#corks > 0
    writing.now = options?.timeout === 0
    this.#push(writing)
    if (!writing.now) writing.watch(options)
    return writing.promise
  }

  #push(outgoing: Outgoing): void {
    if (!this.#held) {
      this.#held = true
      this.#slot.hold(this.#owner)
    }
    this.push(outgoing)
  }

  /** What goes next, unless it waits to be uncorked. */
  get #sendable(): Outgoing | undefined {
    const first = this.first
    return first !== undefined && first.corked && this.#corks > 0 ? undefined : first
  }

  /** One system call for as many writes as it takes along. False: there is no room for more. */
  #send(): boolean {
    const first = this.first as Outgoing
    if (first instanceof Arrival) return this.#awaitArrival(first)
    if (first.detached) {
      const { sent } = first
      this.remove(first)
      first.fail(() => detachedError(sent))
      if (sent > 0) this.#tear()
      this.#settle()
      return true
    }
    const parts = [first.part]
    let wanted = first.length - first.sent
    for (let next = first.after; next !== undefined && parts.length < PARTS; next = next.after) {
      if (next.detached || (next.corked && this.#corks > 0)) break
      parts.push(next.part)
      wanted += next.length
    }
    const { id } = this.#slot
    let count = 0
    if (parts.length > 1) count = this.#calls.writev(id, parts, first.sent)
    else if (wanted > 0) count = this.#calls.write(id, first.data, first.sent, wanted)
    spend(count > 0 ? count : 0)
    if (count < 0 && count !== EAGAIN) {
      this.#break(count)
      return true
    }
    this.#account(count > 0 ? count : 0, parts.length)
    if (count === wanted) return true
    const stuck = this.first
    if (stuck?.now === true) {
      stuck.expire()
      return true
    }
    watchRoom(this.#slot, true)
    return false
  }

  /** `count` bytes of the first `parts` writes have gone. */
  #account(count: number, parts: number): void {
    this.bytes += count
    let left = count
    for (let i = 0; i < parts; i += 1) {
      const first = this.first as Outgoing
      const part = Math.min(left, first.length - first.sent)
      first.sent += part
      left -= part
      if (first.sent < first.length) return
      this.remove(first)
      first.succeed()
    }
    this.#settle()
  }

  /** The line may be empty now: then the end can follow. */
  #settle(): void {
    if (!this.#held || this.first !== undefined) return
    let failure = this.#refusal
    if (failure === undefined && this.#endAsked && !this.#ended) failure = this.#finish()
    if (failure === undefined && (this.#endAsked || this.#draining)) failure = this.#flush()
    if (this.first !== undefined) return
    this.#held = false
    this.#slot.release()
    settleAll(this.#endings, failure)
    settleAll(this.#drainings, this.#refusal)
    if (!this.#draining) return
    this.#draining = false
    this.#owner.drained(failure)
  }

  /**
   * Tells the peer that no more comes; where the pipe can't, closing will. Gives what made it
   * impossible otherwise, if anything did.
   */
  #finish(): (() => Error) | undefined {
    const answer = this.#calls.shutdownWrite(this.#slot.id)
    if (answer < 0 && answer !== ENOTSUP) return () => systemError(answer, 'shutdown')
    this.#ended = true
    return undefined
  }

  /**
   * What was written may still be on its way to the kernel, which is Windows' way: then a place in
   * line waits for it. Gives what made it fail on its way, if anything did.
   */
  #flush(): (() => Error) | undefined {
    const answer = this.#calls.flushed(this.#slot.id)
    if (answer === 0) return undefined
    if (answer !== EAGAIN) return (this.#refusal = () => systemError(answer, 'write'))
    this.#push(new Arrival())
    watchRoom(this.#slot, true)
    return undefined
  }

  /** False: it is still on its way, and room will be told of when it has arrived. */
  #awaitArrival(arrival: Arrival): boolean {
    const answer = this.#calls.flushed(this.#slot.id)
    if (answer === EAGAIN) {
      watchRoom(this.#slot, true)
      return false
    }
    this.remove(arrival)
    if (answer < 0) this.#break(answer)
    else this.#settle()
    return true
  }

  /** The connection is broken: whoever waits, and whoever comes, learns of it. */
  #break(errno: number): Error {
    if (errno === ECONNRESET) this.#connection.broken = errno
    this.#refusal = () => systemError(errno, 'write', { bytesWritten: 0 })
    this.#failAll(
      ({ sent }) =>
        () =>
          systemError(errno, 'write', { bytesWritten: sent }),
    )
    return this.#refusal()
  }

  /** A write has gone in part and goes no further: nothing can follow it. */
  #tear(): void {
    this.#refusal = tornError
    this.#failAll(() => tornError)
  }

  #failAll(makeFor: (writing: Outgoing) => () => unknown): void {
    for (;;) {
      const writing = this.first
      if (writing === undefined) break
      this.remove(writing)
      writing.fail(makeFor(writing))
    }
    this.#settle()
  }
}

function writeClosed(): Error {
  return closedError('write', 'stream')
}

function endClosed(): Error {
  return closedError('end', 'stream')
}

function drainedClosed(): Error {
  return closedError('drained', 'stream')
}
