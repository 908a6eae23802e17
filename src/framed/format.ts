/**
 * How a message's length is written before it, and the options that say so.
 */
import { argumentRange, argumentType, argumentValue } from '../argument-errors.js'
import { ownError } from '../errors.js'
import { checkKnown } from '../checks.js'

/** Options of `framed`. Both ends must agree on `lengthBytes` and `byteOrder`. */
export interface FramedOptions {
  /**
   * The most bytes that a message may have, the length before it not counted. Sending a longer one
   * throws; receiving one is an error that closes the stream. 1 to what `lengthBytes` can say, and
   * never more than 2147483631 (2 GiB less 17 bytes).
   * Default: 8388608 (8 MiB), or what `lengthBytes` can say, if that is less.
   */
  maxLength?: number | undefined
  /** How many bytes the length takes: 1 to 8. Default 4. */
  lengthBytes?: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | undefined
  /** Which byte of the length comes first: the most significant (`'big'`, the default) or the least. */
  byteOrder?: 'big' | 'little' | undefined
}

/** The default of `maxLength`. Source: tokio-util, `LengthDelimitedCodec`. */
export const DEFAULT_MAX_LENGTH: number = 8 * 1024 * 1024

/** With eight bytes before it and behind it, the end is still a number of 32 bits with a sign. */
export const LONGEST: number = 2 ** 31 - 1 - 16

const LENGTH_BYTES = 4

const known = ['maxLength', 'lengthBytes', 'byteOrder'] as const

/** The form of messages, checked. */
export interface Format {
  /** How many bytes the length takes. */
  readonly width: number
  readonly little: boolean
  readonly maxLength: number
  /** Four bytes, big-endian: what the fast ways are written for. */
  readonly plain: boolean
}

/** Refuses what are no {@link FramedOptions}. */
export function formatOf(options: FramedOptions = {}): Format {
  checkKnown(options, known, 'framed')
  const { lengthBytes: width = LENGTH_BYTES, byteOrder = 'big' } = options
  checkInteger('lengthBytes', width, 8)
  if (typeof byteOrder !== 'string') throw argumentType(optionOf('byteOrder'), ORDERS, byteOrder)
  if (byteOrder !== 'big' && byteOrder !== 'little') {
    throw argumentValue(`${optionOf('byteOrder')} must be ${ORDERS}. Received "${byteOrder}"`)
  }
  const most = Math.min(256 ** width - 1, LONGEST)
  const { maxLength = Math.min(DEFAULT_MAX_LENGTH, most) } = options
  checkInteger('maxLength', maxLength, most)
  const little = byteOrder === 'little'
  return { width, little, maxLength, plain: width === 4 && !little }
}

const ORDERS = '"big" or "little"'

function optionOf(name: string): string {
  return `The option ${name} of framed`
}

function checkInteger(name: string, value: number, most: number): void {
  const wanted = `an integer from 1 to ${most}`
  if (typeof value !== 'number') throw argumentType(optionOf(name), wanted, value)
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw argumentRange(optionOf(name), wanted, value)
  }
}

/** Writes a length, which is below 2^31, at `at`. */
export function writeLength(into: Uint8Array, at: number, length: number, format: Format): void {
  const { width } = format
  for (let i = 0; i < width; i += 1) {
    // From the least significant byte on; a shift by 32 or more would begin anew.
    into[format.little ? at + i : at + width - 1 - i] = i < 4 ? length >>> (8 * i) : 0
  }
}

/** The length at `at`. Beyond 2^53 it is not exact, and too long in any case. */
export function readLength(from: Uint8Array, at: number, format: Format): number {
  const { width } = format
  let length = 0
  for (let i = 0; i < width; i += 1) {
    length = length * 256 + (from[format.little ? at + width - 1 - i : at + i] as number)
  }
  return length
}

/** A message is longer than the options allow. */
export function tooLong(method: 'send' | 'receive', length: number, most: number): Error {
  const what =
    method === 'send'
      ? `send: a message of ${length} bytes is longer than`
      : `receive: the peer says that a message of ${length} bytes follows, which is more than`
  return ownError(
    'TOO_LONG',
    `${what} maxLength, ${most}; raise maxLength on both ends, or send it in parts`,
    { syscall: method === 'send' ? 'write' : 'read' },
  )
}
