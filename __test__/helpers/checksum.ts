import { createHash, type Hash } from 'node:crypto'

/** `length` bytes that depend on `seed` alone and have no short period (xorshift32). */
export function bytes(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(length / 4))
  let state = (Math.imul(seed, 0x9e37_79b1) ^ 0x85eb_ca6b) | 1
  for (let index = 0; index < words.length; index += 1) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[index] = state
  }
  return new Uint8Array(words.buffer, 0, length)
}

/** The lowercase hexadecimal SHA-256 of all parts together. */
export function sha256(...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

/** A running length and SHA-256 over what arrives in chunks. */
export class Checksum {
  length = 0
  readonly #hash: Hash = createHash('sha256')

  add(chunk: Uint8Array): void {
    this.length += chunk.byteLength
    this.#hash.update(chunk)
  }

  /** Ends the sum. */
  digest(): string {
    return this.#hash.digest('hex')
  }
}

/** All parts in one piece. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.byteLength
  }
  return whole
}

/** UTF-8 text of received bytes (a `Uint8Array`'s own `toString` is a list of numbers). */
export function text(chunk: Uint8Array | null | undefined): string {
  if (!chunk) throw new TypeError(`expected bytes, got ${String(chunk)}`)
  return new TextDecoder('utf-8', { fatal: true }).decode(chunk)
}
