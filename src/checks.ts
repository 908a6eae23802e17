/**
 * Checks that the options of several calls share. An option that is not known is refused by name,
 * so that a misspelt one, or one of another version, is not silently ignored.
 */
import { argumentRange, argumentType, argumentValue } from './argument-errors.js'
import { abortError } from './errors.js'
import type { Details } from './errors.js'
import { LONGEST_SPIN_MICROS } from './patience.js'
import type { BusyPoll } from './patience.js'
import type { WaitOptions } from './waiting.js'

/** What fits the system's `int`. */
const LARGEST_COUNT = 2 ** 31 - 1

const waitOptionNames = ['signal', 'timeout'] as const

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

export function checkSignal(
  signal: AbortSignal | undefined,
  method: string,
  details?: Details,
): void {
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

export function checkTimeout(timeout: number | undefined, method: string): void {
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

export function checkBusyPoll(
  busyPoll: BusyPoll | undefined,
  method: string,
): BusyPoll | undefined {
  if (busyPoll === undefined || busyPoll === 'off' || busyPoll === 'adaptive') return busyPoll
  const option = `The option busyPoll of ${method}`
  if (typeof busyPoll !== 'object' || busyPoll === null) {
    throw argumentType(option, "'off', 'adaptive' or { maxMicros: number }", busyPoll)
  }
  checkKnown(busyPoll, ['maxMicros'], 'busyPoll')
  const { maxMicros } = busyPoll
  checkInteger(maxMicros, 1, LONGEST_SPIN_MICROS, `${option}.maxMicros`)
  return { maxMicros }
}

/** Refuses what are no {@link WaitOptions}, and a signal that has been aborted. */
export function checkWait(options: WaitOptions, method: string, details?: Details): void {
  checkKnown(options, waitOptionNames, method)
  checkTimeout(options.timeout, method)
  checkSignal(options.signal, method, details)
}

/** The options of these names as they are now, whatever the caller changes later. */
export function taken<Options extends object>(
  options: Options,
  names: readonly (keyof Options)[],
): Options {
  const copy = {} as Options
  for (const name of names) copy[name] = options[name]
  return copy
}

/** A number of things, `least` or more. */
export function checkCount(count: number | undefined, least: number, option: string): void {
  if (count === undefined) return
  checkInteger(count, least, LARGEST_COUNT, option)
}

/** Refuses what is no integer within these limits, which `wanted` tells in its way. */
export function checkInteger(
  value: unknown,
  least: number,
  most: number,
  option: string,
  wanted = `an integer from ${least} to ${most}`,
): asserts value is number {
  if (typeof value !== 'number') throw argumentType(option, wanted, value)
  if (!Number.isInteger(value) || value < least || value > most) {
    throw argumentRange(option, wanted, value)
  }
}

export function checkBoolean(value: boolean | undefined, option: string): void {
  if (value !== undefined && typeof value !== 'boolean') {
    throw argumentType(option, 'true or false', value)
  }
}
