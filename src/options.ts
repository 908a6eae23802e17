/**
 * The options of every call, and their checks. An option that is not known is refused by name, so
 * that a misspelt one, or one of another version, is not silently ignored.
 */
import { abortError, argumentRange, argumentType, argumentValue } from './errors.js'
import type { Details } from './errors.js'
import { LONGEST_SPIN_MICROS } from './patience.js'
import type { BusyPoll } from './patience.js'
import type { WaitOptions } from './waiting.js'

/** Options of `listen`. */
export interface ListenerOptions {
  /**
   * How many connections may wait to be accepted. A client that finds as many waiting tries again
   * until its own deadline. Default 128; the system caps it (Linux: `net.core.somaxconn`, 4096
   * unless set otherwise); 0 leaves room for one. Source: listen(2).
   */
  backlog?: number | undefined
  /**
   * How each stream that it accepts waits for bytes when there are none. Sleeping is cheap, but
   * being woken takes tens of microseconds; a stream that stays awake for a short time first, looking
   * again and again, gets an answer that comes at once up to ten times as fast.
   *
   * - `'off'`: it sleeps.
   * - `'adaptive'`: it stays awake, for up to 100 µs, while the waits before were that short, and
   *   sleeps otherwise: when waits are long, when the core is wanted by others, when there is
   *   nothing to wait for. It always sleeps where the process has a single core.
   * - `{ maxMicros }`: each wait stays awake for up to so many microseconds, whole ones from 1 to
   *   1000000, whatever comes of it. On a core that others want, that makes things slower.
   *
   * Timers and other I/O go on meanwhile, held up by 60 µs at the most. While it lasts, the loop
   * counts as busy. A wait is the stream's: it goes on when a read is cancelled and another one
   * follows. Of more than 16 streams of a thread that wait at once, the others sleep; so does a
   * stream that is unreferenced, unless something else keeps the loop from sleeping.
   *
   * Default `'off'`.
   */
  busyPoll?: BusyPoll | undefined
  /** Closes the listener when aborted; iterations over it end then. Streams that it accepted stay. */
  signal?: AbortSignal | undefined
}

/** Options of `connect`. */
export interface ConnectOptions extends WaitOptions {
  /**
   * Also waits, within `timeout`, for a server that is still starting: while there is no such name
   * (`ENOENT`) or nobody listens on it (`ECONNREFUSED`), it is tried again every 5 to 100 ms.
   * Default false: these reject at once. Without a `timeout` it waits for ever.
   */
  retry?: boolean | undefined
  /**
   * How the stream waits for bytes when there are none. Sleeping is cheap, but being
   * woken takes tens of microseconds; a stream that stays awake for a short time first, looking
   * again and again, gets an answer that comes at once up to ten times as fast.
   *
   * - `'off'`: it sleeps.
   * - `'adaptive'`: it stays awake, for up to 100 µs, while the waits before were that short, and
   *   sleeps otherwise: when waits are long, when the core is wanted by others, when there is
   *   nothing to wait for. It always sleeps where the process has a single core.
   * - `{ maxMicros }`: each wait stays awake for up to so many microseconds, whole ones from 1 to
   *   1000000, whatever comes of it. On a core that others want, that makes things slower.
   *
   * Timers and other I/O go on meanwhile, held up by 60 µs at the most. While it lasts, the loop
   * counts as busy. A wait is the stream's: it goes on when a read is cancelled and another one
   * follows. Of more than 16 streams of a thread that wait at once, the others sleep; so does a
   * stream that is unreferenced, unless something else keeps the loop from sleeping.
   *
   * Default `'off'`.
   */
  busyPoll?: BusyPoll | undefined
}

/** The backlog of a listener that asked for none. */
export const DEFAULT_BACKLOG = 128

/** What fits the system's `int`. */
const LARGEST_BACKLOG = 2 ** 31 - 1

const waitOptionNames = ['signal', 'timeout'] as const
const listenerOptionNames = ['backlog', 'busyPoll', 'signal'] as const
const connectOptionNames = ['busyPoll', 'retry', 'signal', 'timeout'] as const

/** Refuses what is no object, and options that are not among `known`. */
export function checkKnown(options: object, known: readonly string[], method: string): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw argumentType(`The options of ${method}`, 'an object', options)
  }
  for (const option in options) {
    if (!known.includes(option)) {
      throw argumentValue(
        `${method} has no option ${JSON.stringify(option)}; it knows ${known.join(', ')}`,
      )
    }
  }
}

function checkSignal(signal: AbortSignal | undefined, method: string, details?: Details): void {
  if (signal === undefined) return
  if (
    typeof signal !== 'object' ||
    signal === null ||
    typeof signal.aborted !== 'boolean' ||
    typeof signal.addEventListener !== 'function'
  ) {
    throw argumentType(`The option signal of ${method}`, 'an AbortSignal', signal)
  }
  if (signal.aborted) throw abortError(signal.reason, details)
}

function checkTimeout(timeout: number | undefined, method: string): void {
  if (timeout === undefined) return
  if (typeof timeout !== 'number') {
    throw argumentType(`The option timeout of ${method}`, 'a number of milliseconds', timeout)
  }
  if (!(timeout >= 0)) {
    throw argumentRange(
      `The option timeout of ${method}`,
      'a number of milliseconds, 0 or more',
      timeout,
    )
  }
}

function checkBusyPoll(busyPoll: BusyPoll | undefined, method: string): BusyPoll | undefined {
  if (busyPoll === undefined || busyPoll === 'off' || busyPoll === 'adaptive') return busyPoll
  const option = `The option busyPoll of ${method}`
  if (typeof busyPoll !== 'object' || busyPoll === null) {
    throw argumentType(option, "'off', 'adaptive' or { maxMicros: number }", busyPoll)
  }
  checkKnown(busyPoll, ['maxMicros'], 'busyPoll')
  const { maxMicros } = busyPoll
  const wanted = `an integer from 1 to ${LONGEST_SPIN_MICROS}`
  if (typeof maxMicros !== 'number') throw argumentType(`${option}.maxMicros`, wanted, maxMicros)
  if (!Number.isInteger(maxMicros) || maxMicros < 1 || maxMicros > LONGEST_SPIN_MICROS) {
    throw argumentRange(`${option}.maxMicros`, wanted, maxMicros)
  }
  return { maxMicros }
}

/** Refuses what are no {@link WaitOptions}, and a signal that has been aborted. */
export function checkWait(options: WaitOptions, method: string, details?: Details): void {
  checkKnown(options, waitOptionNames, method)
  checkTimeout(options.timeout, method)
  checkSignal(options.signal, method, details)
}

/** The options of these names as they are now, whatever the caller changes later. */
function taken<Options extends object>(
  options: Options,
  names: readonly (keyof Options)[],
): Options {
  const copy = {} as Options
  for (const name of names) copy[name] = options[name]
  return copy
}

/** Refuses what are no {@link ConnectOptions}, and a signal that has been aborted. Gives a copy. */
export function checkConnectOptions(options: ConnectOptions): ConnectOptions {
  checkKnown(options, connectOptionNames, 'connect')
  const chosen = taken(options, connectOptionNames)
  checkTimeout(chosen.timeout, 'connect')
  chosen.busyPoll = checkBusyPoll(chosen.busyPoll, 'connect')
  if (chosen.retry !== undefined && typeof chosen.retry !== 'boolean') {
    throw argumentType('The option retry of connect', 'true or false', chosen.retry)
  }
  checkSignal(chosen.signal, 'connect')
  return chosen
}

/** Refuses what are no {@link ListenerOptions}, and a signal that has been aborted. Gives a copy. */
export function checkListenerOptions(options: ListenerOptions): ListenerOptions {
  checkKnown(options, listenerOptionNames, 'listen')
  const chosen = taken(options, listenerOptionNames)
  chosen.busyPoll = checkBusyPoll(chosen.busyPoll, 'listen')
  const { backlog } = chosen
  if (backlog !== undefined) {
    const wanted = `an integer from 0 to ${LARGEST_BACKLOG}`
    if (typeof backlog !== 'number')
      throw argumentType('The option backlog of listen', wanted, backlog)
    if (!Number.isInteger(backlog) || backlog < 0 || backlog > LARGEST_BACKLOG) {
      throw argumentRange('The option backlog of listen', wanted, backlog)
    }
  }
  checkSignal(chosen.signal, 'listen')
  return chosen
}
