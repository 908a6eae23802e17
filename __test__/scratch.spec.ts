import test from 'ava'

import { bytes, joined, sha256 } from './helpers/checksum.js'
import { pair, readAll } from './helpers/pair.js'
import { PATIENCE_MS, turns, within } from './helpers/within.js'

const KIB = 1024
const MIB = 1024 * KIB

test('chunks are yours: none shares its memory with another', async (t) => {
  const { client, server } = await pair(t)
  const data = bytes(1 * MIB)
  const seen = new Set<ArrayBuffer>()
  const chunks: { chunk: Uint8Array<ArrayBuffer>; digest: string }[] = []
  const send = async (): Promise<void> => {
    for (let offset = 0, size = 1; offset < data.byteLength; offset += size, size += 997) {
      await client.write(data.subarray(offset, offset + size))
      if (size % 5 === 0) await turns(1)
    }
    await client.end()
  }
  const sending = send()
  for await (const chunk of server) {
    t.false(seen.has(chunk.buffer))
    seen.add(chunk.buffer)
    chunks.push({ chunk, digest: sha256(chunk) })
  }
  await sending
  for (const { chunk, digest } of chunks) t.is(sha256(chunk), digest)
  t.is(sha256(...chunks.map(({ chunk }) => chunk)), sha256(data))
})

test('chunks may be overwritten and transferred away without harm to later reads', async (t) => {
  const { client, server } = await pair(t)
  for (const size of [1, 100, 16 * KIB, 40 * KIB, 64 * KIB, 3]) {
    const data = bytes(size, size)
    for (let round = 0; round < 3; round += 1) {
      await client.write(data)
      const parts: Uint8Array[] = []
      for (let left = size; left > 0;) {
        const chunk = await within(server.read(), PATIENCE_MS, `${size} bytes`)
        if (chunk === null) throw new Error('the stream ended')
        left -= chunk.byteLength
        parts.push(structuredClone(chunk, { transfer: [chunk.buffer] }))
        t.is(chunk.byteLength, 0)
      }
      const whole = joined(parts)
      t.is(sha256(whole), sha256(data))
      for (const part of parts) part.fill(0xff)
    }
  }
})

test('a small chunk does not hold on to a large piece of memory', async (t) => {
  const { client, server } = await pair(t)
  await client.write('tiny')
  const chunk = await within(server.read(), PATIENCE_MS, 'tiny')
  t.is(chunk?.buffer.byteLength, 4)
})

test("two streams that are read in turns never see each other's bytes", async (t) => {
  const [one, two] = await Promise.all([pair(t), pair(t)])
  const first = bytes(2 * MIB, 11)
  const second = bytes(2 * MIB, 12)
  const sending = [one, two].map(async ({ client }, index) => {
    await client.write(index === 0 ? first : second)
    await client.end()
  })
  const [atOne, atTwo] = await Promise.all([readAll(one.server), readAll(two.server)])
  t.is(atOne.digest, sha256(first))
  t.is(atTwo.digest, sha256(second))
  await Promise.all(sending)
})
