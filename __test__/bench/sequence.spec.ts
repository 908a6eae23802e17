import test from 'ava'

import { blankMessage, SequenceCheck, stamp } from '../../bench/sequence.js'

const SIZE = 40

/** Messages from number 0 on, in one piece. */
function run(count: number): Uint8Array {
  const bytes = new Uint8Array(SIZE * count)
  for (let i = 0; i < count; i++) {
    const message = blankMessage(SIZE)
    stamp(message, i)
    bytes.set(message, i * SIZE)
  }
  return bytes
}

function checked(bytes: Uint8Array, chunk: number): number {
  const check = new SequenceCheck(SIZE)
  for (let at = 0; at < bytes.length; at += chunk) check.take(bytes.subarray(at, at + chunk))
  return check.total
}

function checkedWhole(bytes: Uint8Array): number {
  const check = new SequenceCheck(SIZE)
  for (let at = 0; at < bytes.length; at += SIZE) check.message(bytes.subarray(at, at + SIZE))
  return check.total
}

test('what was sent passes, in chunks of any size and message by message', (t) => {
  const bytes = run(300)
  for (const chunk of [1, 7, 8, 39, 40, 41, 1000, bytes.length]) {
    t.is(checked(bytes, chunk), bytes.length)
  }
  t.is(checkedWhole(bytes), bytes.length)
})

const damages: [string, (bytes: Uint8Array) => Uint8Array][] = [
  ['a lost message', (bytes) => Buffer.concat([bytes.subarray(0, SIZE), bytes.subarray(2 * SIZE)])],
  ['a repeated message', (bytes) => Buffer.concat([bytes.subarray(0, SIZE), bytes])],
  ['a changed last byte', (bytes) => bytes.map((byte, i) => (i === 2 * SIZE - 1 ? 0 : byte))],
  ['a byte changed inside a sampled message', (bytes) => bytes.map((b, i) => (i === 20 ? 0 : b))],
]

for (const [damage, inflict] of damages) {
  test(`${damage} is noticed`, (t) => {
    const bytes = inflict(run(5))
    for (const chunk of [1, 13, 40, bytes.length]) t.throws(() => checked(bytes, chunk))
    t.throws(() => checkedWhole(bytes))
  })
}

test('a message of another size is noticed', (t) => {
  const check = new SequenceCheck(SIZE)
  t.throws(() => check.message(run(1).subarray(0, SIZE - 1)), { message: /39 bytes, not 40/ })
})
