/** `count` consecutive 32-bit numbers from `first` on, as little-endian bytes. */
export function numbered(first: number, count: number): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(count * 4)
  const view = new DataView(block.buffer)
  for (let index = 0; index < count; index += 1) view.setUint32(index * 4, first + index, true)
  return block
}

/** Checks that what arrives in chunks is an uninterrupted run of `numbered` bytes from 0. */
export class NumberedCheck {
  length = 0

  add(chunk: Uint8Array): void {
    for (const byte of chunk) {
      const shift = (this.length % 4) * 8
      const expected = (Math.floor(this.length / 4) >>> shift) & 0xff
      if (byte !== expected) throw new Error(`byte ${this.length} is ${byte}, not ${expected}`)
      this.length += 1
    }
  }
}
