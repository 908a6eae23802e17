import test from 'ava'

import { blankFrame, FrameParser } from '../../bench/frames.js'

const messages = [0, 1, 3, 64, 300].map((size) => new Uint8Array(size).fill(size + 7))
const bytes = new Uint8Array(Buffer.concat(messages.map(blankFrame)))

function parsed(chunks: Uint8Array[], borrowed: boolean): number[][] {
  const found: number[][] = []
  const parser = new FrameParser((message) => found.push([...message]), borrowed)
  const memory = new Uint8Array(bytes.length)
  for (const chunk of chunks) {
    if (!borrowed) {
      parser.take(chunk)
      continue
    }
    memory.set(chunk)
    parser.take(memory, chunk.length)
    memory.fill(0xff)
  }
  return found
}

const expected = messages.map((message) => [...message])

for (const borrowed of [false, true]) {
  const title = borrowed ? 'in one buffer that is used again' : 'in chunks of their own'

  test(`messages are found wherever two chunks meet, ${title}`, (t) => {
    for (let first = 0; first <= bytes.length; first++) {
      const chunks = [bytes.subarray(0, first), bytes.subarray(first)]
      t.deepEqual(parsed(chunks, borrowed), expected)
    }
  })

  test(`messages are found in chunks of every size, ${title}`, (t) => {
    for (let size = 1; size < 80; size++) {
      const count = Math.ceil(bytes.length / size)
      const chunks = Array.from({ length: count }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      )
      t.deepEqual(parsed(chunks, borrowed), expected)
    }
  })
}
