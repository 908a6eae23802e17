import {
  checkForDescriptor,
  descriptorNumber,
  isDescriptor,
  nameOfDescriptor,
} from './activation.js'
import type { Descriptor } from './activation.js'
import { admissionOf } from './admission.js'
import type { Admission } from './admission.js'
import { argumentValue } from './argument-errors.js'
import { errnoOf, ON_WINDOWS } from './binding.js'
import type { Fault } from './binding.js'
import { listenOnSlot, listenSlot, Slot } from './endpoint.js'
import { faultError } from './errors.js'
import type { Details } from './errors.js'
import { makeListener } from './listener.js'
import type { Listener } from './listener.js'
import { hasFile, nameFrom, target } from './name.js'
import type { Name } from './name.js'
import { checkForName, checkListenerOptions, settingsOf } from './options.js'
import type { ListenerOptions } from './options.js'
import { defer, spend, withinTurn } from './turn.js'
import type { Resumable } from './turn.js'
import { Waiting } from './waiting.js'

/**
 * Milliseconds between attempts while another program has the folder locked, for which there is no
 * event (flock(2)): the first wait, then twice as much each time up to the last.
 */
const LOCKED_FIRST_MS = 1
const LOCKED_LAST_MS = 16

/** For how long it may have it. Those who take a name do for less than a millisecond. */
const LOCKED_PATIENCE_MS = 2_000

const EADDRINUSE = errnoOf('EADDRINUSE')
const EINVAL = errnoOf('EINVAL')
const ETIMEDOUT = errnoOf('ETIMEDOUT')

/** Who asked not to take a name over was not told either whether anybody has it. */
const TAKEN_OR_STALE =
  "a server listens there, or left its file when it was killed, which { stale: 'reclaim' } takes over"

/**
 * Listens at a name, or on a socket that somebody else opened. A string is understood as with
 * module specifiers: a bare word (`my-app.sock`) is namespaced; `./x`, `../x`, `/x`, `C:\x` and
 * `\\.\pipe\x` are paths. Strings that could be either are refused with what to write instead.
 *
 * The listener closes when it is closed, when `signal` is aborted, or when the process exits, and
 * then gives its name back. A server that was killed can't, and leaves no obstacle: the next
 * `listen` takes its name over ({@link ListenerOptions.stale}). Of those that connect to a
 * namespaced name, only processes of the same user and of root get in unless `allow` says
 * otherwise; on Windows, of the same user, the system and administrators, whatever the name.
 *
 * Windows: the name is that of a pipe, and remote clients are refused. It stays taken
 * (`EADDRINUSE`) while a connection of a former listener is open at either end.
 *
 * `{ fd }` (not on Windows: `ENOTSUP`) is a descriptor, such as a service manager ({@link activated}) or a parent process
 * passed: a Unix domain stream socket that listens, or is bound and could. It is the listener's
 * from success on, which closes it, so nobody else in this process may; if `listen` rejects, it
 * stays yours. listen(2) is called on it also if it listens already: on Linux clients see who
 * called that last, and so this process as it is now rather than the one that opened the socket;
 * and the backlog becomes that of the options. The socket keeps its name, and whoever made its file
 * is left to remove it: options about making a name are refused. `allow` has the default of the
 * name that it has.
 *
 * Rejects with `EADDRINUSE` if the name is taken, `EACCES` if the folder forbids it, `ENOENT` if
 * there is no such folder, `ETIMEDOUT` if another program keeps the folder locked, `ENAMETOOLONG`
 * with the limit in the message, `ENOTSUP` if the system can't do what is asked for, `EBADF` if a
 * descriptor isn't open, `EEXIST` if a listener has it already, `ABORT_ERR`; TypeError or
 * RangeError with Node's codes for bad arguments, unknown options, and descriptors of another kind.
 * It never throws.
 *
 * ```ts
 * await using listener = await listen('my-app.sock')
 * for await (const stream of listener) handle(stream)
 * ```
 */
export function listen(
  where: string | Name | Descriptor,
  options: ListenerOptions = {},
): Promise<Listener> {
  try {
    const chosen = checkListenerOptions(options)
    const place = isDescriptor(where) ? ofDescriptor(where, chosen) : ofName(where, chosen)
    if (!withinTurn()) return new Listening(place, chosen, undefined).promise
    const slot = attempt(place, chosen)
    if (slot instanceof Slot) return Promise.resolve(opened(slot, place, chosen))
    if (!isLocked(slot)) throw errorOf(slot, place, chosen)
    return new Listening(place, chosen, slot).promise
  } catch (error) {
    return Promise.reject(error)
  }
}

/** Where to listen, the descriptor that does already, if one was given, and who is let in. */
interface Place {
  readonly name: Name
  readonly fd: number | undefined
  readonly admission: Admission
}

function ofName(where: string | Name, options: ListenerOptions): Place {
  const name = nameFrom(where)
  checkForName(options, name)
  return { name, fd: undefined, admission: admissionOfName(options, name) }
}

/** Pipes are guarded by no file, whichever way they are named, but by their security descriptor. */
function admissionOfName({ allow, securityDescriptor }: ListenerOptions, name: Name): Admission {
  const isGuarded = ON_WINDOWS ? securityDescriptor !== undefined : name.kind === 'path'
  return admissionOf(allow, isGuarded ? 'path' : 'namespaced')
}

function ofDescriptor(where: Descriptor, options: ListenerOptions): Place {
  checkForDescriptor(options)
  const fd = descriptorNumber(where)
  const name = nameOfDescriptor(fd)
  return { name, fd, admission: admissionOf(options.allow, name.kind) }
}

function attempt({ name, fd, admission }: Place, options: ListenerOptions): Slot | Fault {
  spend(0)
  const settings = settingsOf(options, admission)
  if (fd !== undefined) return listenOnSlot(fd, settings)
  const { kind, text } = target(name)
  return listenSlot(kind, text, settings)
}

function opened(slot: Slot, { name, admission }: Place, options: ListenerOptions): Listener {
  return makeListener(slot, name, admission.judge, options)
}

function addressOf({ name, fd }: Place): string {
  return fd === undefined ? name.toString() : `fd ${fd}`
}

function errorOf(fault: Fault, place: Place, options: ListenerOptions): Error {
  const mayBeStale = options.stale === 'fail' && hasFile(place.name)
  if (fault.errno === EINVAL && options.securityDescriptor !== undefined) {
    return argumentValue(
      `The option securityDescriptor of listen must be a security descriptor as text (SDDL)${fault.message === undefined ? '' : `: ${fault.message}`}`,
    )
  }
  const isTaken = fault.errno === EADDRINUSE && fault.message === undefined
  const said = mayBeStale && isTaken ? { ...fault, message: TAKEN_OR_STALE } : fault
  return faultError(said, addressOf(place))
}

/** Whether another program has the lock of the folder, for which the core doesn't wait here. */
function isLocked({ errno }: Fault): boolean {
  return errno === ETIMEDOUT
}

/**
 * Attempts in a later turn, or on a timer while the folder is locked. They keep the process alive,
 * as there is no endpoint yet that would.
 */
class Listening extends Waiting<Listener> implements Resumable {
  readonly operation = 'listen'
  deferred = false
  readonly referenced = true
  readonly #place: Place
  readonly #options: ListenerOptions
  readonly #start = performance.now()
  #delay = LOCKED_FIRST_MS
  #timer: NodeJS.Timeout | undefined
  #cancelled = false

  constructor(place: Place, options: ListenerOptions, last: Fault | undefined) {
    super()
    this.#place = place
    this.#options = options
    this.watch({ signal: options.signal })
    if (last === undefined) defer(this)
    else this.#schedule()
  }

  resume(): void {
    if (this.#cancelled) return
    try {
      const slot = attempt(this.#place, this.#options)
      if (slot instanceof Slot) this.succeed(opened(slot, this.#place, this.#options))
      else if (!isLocked(slot)) this.fail(() => errorOf(slot, this.#place, this.#options))
      else if (performance.now() - this.#start < LOCKED_PATIENCE_MS) this.#schedule()
      else {
        const message = `${slot.message ?? 'locked'} (for ${LOCKED_PATIENCE_MS} ms)`
        this.fail(() => errorOf({ ...slot, message }, this.#place, this.#options))
      }
    } catch (error) {
      this.fail(() => error)
    }
  }

  protected cancel(make: (details?: Details) => Error): void {
    this.#cancelled = true
    clearTimeout(this.#timer)
    this.fail(() => make({ address: addressOf(this.#place) }))
  }

  #schedule(): void {
    this.#timer = setTimeout(tryAgain, this.#delay, this)
    this.#delay = Math.min(this.#delay * 2, LOCKED_LAST_MS)
  }
}

function tryAgain(listening: Listening): void {
  listening.resume()
}
