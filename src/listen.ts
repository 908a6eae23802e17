import { admissionOf } from './admission.js'
import { listenSlot, Slot } from './endpoint.js'
import { faultError } from './errors.js'
import type { Details } from './errors.js'
import { makeListener } from './listener.js'
import type { Listener } from './listener.js'
import { nameFrom, target } from './name.js'
import type { Name } from './name.js'
import { checkForName, checkListenerOptions, settingsOf } from './options.js'
import type { ListenerOptions } from './options.js'
import { defer, spend, withinTurn } from './turn.js'
import type { Resumable } from './turn.js'
import { Waiting } from './waiting.js'

/**
 * Listens at a name. A string is understood as with module specifiers: a bare word
 * (`my-app.sock`) is namespaced; `./x`, `../x`, `/x`, `C:\x` and `\\.\pipe\x` are paths. Strings
 * that could be either are refused with what to write instead.
 *
 * The listener closes when it is closed, when `signal` is aborted, or when the process exits, and
 * then gives its name back. A server that was killed can't, and leaves no obstacle: the next `listen`
 * takes its name over ({@link ListenerOptions.stale}). Of those that connect to a namespaced name,
 * only processes of the same user and of root get in unless `allow` says otherwise.
 *
 * Rejects with `EADDRINUSE` if the name is taken, `EACCES` if the folder forbids it, `ENOENT` if
 * there is no such folder, `ETIMEDOUT` if another program keeps the folder locked, `ENAMETOOLONG` with
 * the limit in the message, `ENOTSUP` if the system can't do what is asked for, `ABORT_ERR`; TypeError
 * or RangeError with Node's codes for bad arguments and unknown options. It never throws.
 *
 * ```ts
 * await using listener = await listen('my-app.sock')
 * for await (const stream of listener) handle(stream)
 * ```
 */
export function listen(name: string | Name, options: ListenerOptions = {}): Promise<Listener> {
  try {
    const chosen = checkListenerOptions(options)
    const where = nameFrom(name)
    checkForName(chosen, where)
    if (!withinTurn()) return new Listening(where, chosen).promise
    return Promise.resolve(listenAt(where, chosen))
  } catch (error) {
    return Promise.reject(error)
  }
}

function listenAt(where: Name, options: ListenerOptions): Listener {
  const { kind, text } = target(where)
  spend(0)
  const admission = admissionOf(options.allow, where.kind)
  const slot = listenSlot(kind, text, settingsOf(options, admission))
  if (!(slot instanceof Slot)) throw faultError(slot, where.toString())
  return makeListener(slot, where, admission.judge, options)
}

/** A listener that has to wait for the next turn. */
class Listening extends Waiting<Listener> implements Resumable {
  readonly operation = 'listen'
  deferred = false
  readonly referenced = true
  readonly #where: Name
  readonly #options: ListenerOptions
  #cancelled = false

  constructor(where: Name, options: ListenerOptions) {
    super()
    this.#where = where
    this.#options = options
    this.watch({ signal: options.signal })
    defer(this)
  }

  resume(): void {
    if (this.#cancelled) return
    try {
      this.succeed(listenAt(this.#where, this.#options))
    } catch (error) {
      this.fail(() => error)
    }
  }

  protected cancel(make: (details?: Details) => Error): void {
    this.#cancelled = true
    this.fail(make)
  }
}
