const HEADER_BYTES = 8

/** One message in so many is compared whole; of the others, the header and the last byte. */
const WHOLE_EVERY = 256

/** Writes a message's sequence number into its first eight bytes from `at`, little-endian. */
export function stamp(message: Uint8Array, sequence: number, at = 0): void {
  message[at] = sequence
  message[at + 1] = sequence >>> 8
  message[at + 2] = sequence >>> 16
  message[at + 3] = sequence >>> 24
  // The upper half stays zero: no trial sends 2^32 messages.
}

/** A message of this size, filled with something other than zeros, with an empty header. */
export function blankMessage(size: number): Uint8Array {
  if (size < HEADER_BYTES) throw new RangeError(`a message takes ${HEADER_BYTES} bytes or more`)
  const message = new Uint8Array(size)
  for (let i = HEADER_BYTES; i < size; i++) message[i] = i * 31
  return message
}

/**
 * Checks a run of messages: sizes and sequence numbers of all, the content of a sample. The same
 * work for every contestant, whether its bytes arrive in chunks of any size or as messages.
 */
export class SequenceCheck {
  /** Bytes taken so far. */
  total = 0
  #sequence = 0
  #within = 0
  readonly #size: number
  readonly #pattern: Uint8Array
  readonly #last: number

  constructor(size: number) {
    this.#size = size
    this.#pattern = blankMessage(size)
    this.#last = size > HEADER_BYTES ? (this.#pattern[size - 1] as number) : 0
  }

  /** Takes the next bytes, or throws where a message isn't the one that must come now. */
  take(chunk: Uint8Array, length: number = chunk.length): void {
    for (let at = 0; at < length;) {
      const piece = Math.min(this.#size - this.#within, length - at)
      this.#compare(chunk, at, piece)
      at += piece
      this.#within += piece
      if (this.#within === this.#size) {
        this.#within = 0
        this.#sequence++
      }
    }
    this.total += length
  }

  /** Takes the next message whole. */
  message(message: Uint8Array): void {
    const size = this.#size
    const sequence = this.#sequence
    if (message.length !== size) {
      throw new Error(`message ${sequence} has ${message.length} bytes, not ${size}`)
    }
    if (
      message[0] !== (sequence & 0xff) ||
      message[1] !== ((sequence >>> 8) & 0xff) ||
      message[2] !== ((sequence >>> 16) & 0xff) ||
      message[3] !== sequence >>> 24 ||
      message[size - 1] !== this.#last
    ) {
      throw this.#damage()
    }
    if (sequence % WHOLE_EVERY === 0) this.#compare(message, 0, size)
    this.#sequence++
    this.total += size
  }

  /** Compares a piece of the current message that begins `#within` it. */
  #compare(chunk: Uint8Array, at: number, piece: number): void {
    const within = this.#within
    const end = within + piece
    const sequence = this.#sequence
    for (let i = within; i < HEADER_BYTES && i < end; i++) {
      const expected = i < 4 ? (sequence >>> (8 * i)) & 0xff : 0
      if (chunk[at + i - within] !== expected) throw this.#damage()
    }
    if (end === this.#size && this.#size > HEADER_BYTES && chunk[at + piece - 1] !== this.#last) {
      throw this.#damage()
    }
    if (sequence % WHOLE_EVERY !== 0) return
    const pattern = this.#pattern
    for (let i = Math.max(within, HEADER_BYTES); i < end; i++) {
      if (chunk[at + i - within] !== pattern[i]) throw this.#damage()
    }
  }

  #damage(): Error {
    return new Error(`message ${this.#sequence} is damaged, lost or out of order`)
  }
}
