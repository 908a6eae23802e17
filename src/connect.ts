import { admissionOf, ask } from './admission.js'
import type { Admission } from './admission.js'
import { EAGAIN, errnoOf } from './binding.js'
import type { Fault } from './binding.js'
import { checkConnectOptions } from './connect-options.js'
import type { ConnectOptions } from './connect-options.js'
import { Connection } from './connection.js'
import { connectSlot, refuseSlot, Slot } from './endpoint.js'
import { abortError, faultError, serverError, timeoutError } from './errors.js'
import type { Details } from './errors.js'
import { nameFrom, target } from './name.js'
import type { Name } from './name.js'
import { makeStream } from './stream.js'
import type { Stream } from './stream.js'
import { defer, spend, withinTurn } from './turn.js'
import type { Resumable } from './turn.js'
import { Waiting } from './waiting.js'

/**
 * Milliseconds between attempts while the backlog is full, for which Linux has no event: the first
 * wait, then twice as much each time up to the last.
 */
const FULL_FIRST_MS = 1
const FULL_LAST_MS = 16

/** Milliseconds between attempts while there is no server yet, in the same way. */
const ABSENT_FIRST_MS = 5
const ABSENT_LAST_MS = 100

const ENOENT = errnoOf('ENOENT')
const ECONNREFUSED = errnoOf('ECONNREFUSED')

/**
 * Connects to a name. A string is understood as with module specifiers: a bare word
 * (`my-app.sock`) is namespaced; `./x`, `../x`, `/x`, `C:\x` and `\\.\pipe\x` are paths. Strings
 * that could be either are refused with what to write instead.
 *
 * A server whose backlog is full is tried again until `timeout`, for ever without one.
 * `timeout: 0` tries once. Cancelled, nothing is left behind. Of a namespaced name, only a server
 * of the same user or of root will do unless `server` says otherwise.
 *
 * Windows: a pipe whose instances are all taken is as a full backlog; so is one whose listener has
 * closed, for as long as a connection of it is open at either end.
 *
 * Rejects with `ENOENT` if there is no such path, `ECONNREFUSED` if nobody listens there (`retry`
 * waits for a server in both cases), `EACCES` (Windows: `EPERM`) if permissions forbid it, `ENAMETOOLONG` with the
 * limit in the message, `ERR_LOCAL_SOCKET_SERVER_NOT_ALLOWED` if somebody serves who may not,
 * `ERR_LOCAL_SOCKET_TIMEOUT` with the last failure as its `cause`, `ABORT_ERR`; TypeError or
 * RangeError with Node's codes for bad arguments and unknown options. It never throws.
 *
 * ```ts
 * await using stream = await connect('my-app.sock', { timeout: 5_000, signal })
 * ```
 */
export function connect(name: string | Name, options: ConnectOptions = {}): Promise<Stream> {
  try {
    const chosen = checkConnectOptions(options)
    const where = nameFrom(name)
    const admission = admissionOf(chosen.server, where.kind)
    if (withinTurn()) {
      const slot = attempt(where, admission)
      if (slot instanceof Slot) return Promise.resolve(opened(slot, where, admission, chosen))
      if (passes(slot, chosen.retry) === undefined) throw faultError(slot, where.toString())
      if (chosen.timeout === 0) throw lateError(where, slot)
      return new Connecting(where, admission, chosen, slot).promise
    }
    return new Connecting(where, admission, chosen, undefined).promise
  } catch (error) {
    return Promise.reject(error)
  }
}

function attempt(where: Name, { rules }: Admission): Slot | Fault {
  const { kind, text } = target(where)
  spend(0)
  return connectSlot(kind, text, rules)
}

/** The stream of a connection, if a function that judges the server lets it be. */
function opened(
  slot: Slot,
  where: Name,
  { judge }: Admission,
  { busyPoll, signal }: ConnectOptions,
): Stream {
  if (judge === undefined) return makeStream(new Connection(slot, busyPoll))
  const { admitted, peer, ...verdict } = ask(judge, slot, 'The function server of connect')
  // The function can have given up the very call that asks it.
  if (admitted && signal?.aborted !== true) {
    return makeStream(new Connection(slot, busyPoll, peer))
  }
  refuseSlot(slot)
  const address = where.toString()
  if (signal?.aborted === true) throw abortError(signal.reason, { address })
  throw serverError(address, peer, verdict)
}

function lateError(where: Name, last: Fault): Error {
  const address = where.toString()
  return timeoutError('connect', 0, { address, cause: faultError(last, address) })
}

/** Whether it can be another time, and what it waits for. */
function passes({ errno }: Fault, retry: boolean | undefined): 'full' | 'absent' | undefined {
  if (errno === EAGAIN) return 'full'
  return retry === true && (errno === ENOENT || errno === ECONNREFUSED) ? 'absent' : undefined
}

/**
 * Attempts on a timer, or in a later turn. These keep the process alive, as there is no endpoint
 * yet that would.
 */
class Connecting extends Waiting<Stream> implements Resumable {
  readonly operation = 'connect'
  deferred = false
  readonly referenced = true
  readonly #where: Name
  readonly #admission: Admission
  readonly #options: ConnectOptions
  #last: Fault | undefined
  #waitsFor: 'full' | 'absent' | undefined
  #delay = 0
  #timer: NodeJS.Timeout | undefined
  #cancelled = false

  constructor(where: Name, admission: Admission, options: ConnectOptions, last: Fault | undefined) {
    super()
    this.#where = where
    this.#admission = admission
    this.#options = options
    if (last === undefined) defer(this)
    else this.#schedule(last)
    // With a limit of 0 it has one attempt, for which a busy turn may make it wait.
    this.watch(options.timeout === 0 ? { signal: options.signal } : options)
  }

  resume(): void {
    if (this.#cancelled) return
    const { retry, timeout } = this.#options
    const slot = attempt(this.#where, this.#admission)
    if (slot instanceof Slot) this.#settle(slot)
    else if (passes(slot, retry) === undefined) {
      this.fail(() => faultError(slot, this.#where.toString()))
    } else if (timeout === 0) this.fail(() => lateError(this.#where, slot))
    else this.#schedule(slot)
  }

  #settle(slot: Slot): void {
    try {
      this.succeed(opened(slot, this.#where, this.#admission, this.#options))
    } catch (error) {
      this.fail(() => error)
    }
  }

  protected cancel(make: (details?: Details) => Error): void {
    this.#cancelled = true
    clearTimeout(this.#timer)
    const address = this.#where.toString()
    const last = this.#last
    this.fail(() =>
      make({ address, cause: last === undefined ? undefined : faultError(last, address) }),
    )
  }

  #schedule(last: Fault): void {
    this.#last = last
    const waitsFor = passes(last, this.#options.retry)
    const [shortest, longest] =
      waitsFor === 'full' ? [FULL_FIRST_MS, FULL_LAST_MS] : [ABSENT_FIRST_MS, ABSENT_LAST_MS]
    this.#delay = waitsFor === this.#waitsFor ? Math.min(this.#delay * 2, longest) : shortest
    this.#waitsFor = waitsFor
    this.#timer = setTimeout(tryAgain, this.#delay, this)
  }
}

function tryAgain(connecting: Connecting): void {
  connecting.resume()
}
