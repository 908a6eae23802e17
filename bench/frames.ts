/** Frames of `net`'s contestants: the length in four bytes, big-endian, then the message. */

export const LENGTH_BYTES = 4

/** A frame around a message of this size: its memory, with the length written. */
export function blankFrame(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(LENGTH_BYTES + message.length)
  writeLength(frame, 0, message.length)
  frame.set(message, LENGTH_BYTES)
  return frame
}

/** Writes a length at `at`. */
export function writeLength(target: Uint8Array, at: number, length: number): void {
  target[at] = length >>> 24
  target[at + 1] = length >>> 16
  target[at + 2] = length >>> 8
  target[at + 3] = length
}

/**
 * Finds messages in chunks, as a careful user of `net` would write it: views of the chunk, and a
 * copy only of a message that is split between chunks.
 */
export class FrameParser {
  readonly #taken: (message: Uint8Array) => void
  readonly #borrowed: boolean
  /** The beginning of a frame that isn't complete: pieces, and their bytes. */
  #pieces: Uint8Array[] = []
  #held = 0
  /** How long that frame is, as far as it is known: its length bytes alone, or all of it. */
  #wanted = LENGTH_BYTES

  /** `borrowed`: the memory of chunks is used again after `take` returns, so pieces are copied. */
  constructor(taken: (message: Uint8Array) => void, borrowed = false) {
    this.#taken = taken
    this.#borrowed = borrowed
  }

  take(chunk: Uint8Array, length: number = chunk.length): void {
    let at = this.#held > 0 ? this.#complete(chunk, length) : 0
    while (length - at >= LENGTH_BYTES) {
      const end = at + LENGTH_BYTES + lengthAt(chunk, at)
      if (end > length) break
      this.#taken(chunk.subarray(at + LENGTH_BYTES, end))
      at = end
    }
    if (at < length) this.#hold(chunk, at, length)
  }

  /** Takes what the held frame lacks; gives where the next one begins. */
  #complete(chunk: Uint8Array, length: number): number {
    let at = 0
    while (at < length) {
      const piece = Math.min(this.#wanted - this.#held, length - at)
      this.#hold(chunk, at, at + piece)
      at += piece
      if (this.#held < this.#wanted) break
      const frame = this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces)
      if (frame === undefined) break
      const whole = LENGTH_BYTES + lengthAt(frame, 0)
      if (whole > this.#held) {
        this.#pieces = [frame]
        this.#wanted = whole
        continue
      }
      this.#pieces = []
      this.#held = 0
      this.#wanted = LENGTH_BYTES
      this.#taken(frame.subarray(LENGTH_BYTES))
      break
    }
    return at
  }

  #hold(chunk: Uint8Array, start: number, end: number): void {
    const piece = chunk.subarray(start, end)
    this.#pieces.push(this.#borrowed ? new Uint8Array(piece) : piece)
    this.#held += end - start
    if (this.#held === end - start && this.#held >= LENGTH_BYTES) {
      this.#wanted = LENGTH_BYTES + lengthAt(chunk, start)
    }
  }
}

function lengthAt(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
  const low = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)
  return high * 0x10000 + low
}
