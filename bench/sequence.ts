const HEADER_BYTES = 8

/** Writes a message's sequence number into its first eight bytes, little-endian. */
export function stamp(message: Uint8Array, sequence: number): void {
  message[0] = sequence
  message[1] = sequence >>> 8
  message[2] = sequence >>> 16
  message[3] = sequence >>> 24
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
 * Checks a run of messages that arrives in chunks of any size: each sequence number where it must
 * be, and, with `total`, every byte counted. The same work for every contestant.
 */
export class SequenceCheck {
  /** Bytes taken so far. */
  total = 0
  #sequence = 0
  #boundary = 0
  readonly #size: number

  constructor(size: number) {
    this.#size = size
  }

  /** Takes the next bytes, or throws where a message isn't the one that must come now. */
  take(chunk: Uint8Array, length: number = chunk.length): void {
    const start = this.total
    const end = start + length
    while (this.#boundary < end) {
      const at = this.#boundary - start // Negative when the header began in an earlier chunk.
      for (let i = Math.max(0, -at); i < HEADER_BYTES && at + i < length; i++) {
        const expected = i < 4 ? (this.#sequence >>> (8 * i)) & 0xff : 0
        if (chunk[at + i] !== expected) {
          throw new Error(`message ${this.#sequence} is damaged, lost or out of order`)
        }
      }
      if (at + HEADER_BYTES > length) break // The rest of the header comes with the next chunk.
      this.#sequence++
      this.#boundary += this.#size
    }
    this.total = end
  }
}
