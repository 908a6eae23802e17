import test from 'ava'

import { bytes, Checksum } from '../helpers/checksum.js'
import { uniqueName } from '../helpers/names.js'
import { accepted, connected, listening, pair } from '../helpers/pair.js'
import { startProgram, type Program } from '../helpers/process.js'
import { turns, within } from '../helpers/within.js'

const MIB = 1_048_576
const TOTAL = 256 * MIB
const LONG_MS = 30_000

interface Report {
  readonly written: number
  readonly arrayBuffers: number
  readonly rss: number
}

test('a reader that pauses stops its writer and bounds the memory of both', async (t) => {
  t.timeout(4 * LONG_MS)
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const writer = startProgram(t, 'writer', [name, String(TOTAL), '65536'])
  const stream = await accepted(t, listener)
  const sum = new Checksum()
  const first = await within(stream.read(), LONG_MS, 'the first chunk')
  sum.add(first ?? new Uint8Array())

  const paused = await stalled(writer)
  const ours = process.memoryUsage()
  t.true(paused.last.written < 8 * MIB, `${paused.last.written} bytes went to a paused reader`)
  t.true(paused.arrayBuffers < 16 * MIB, `the writer holds ${paused.arrayBuffers} bytes`)
  t.true(paused.rss < 64 * MIB, `the writer grew by ${paused.rss} bytes`)
  t.true(ours.arrayBuffers < 32 * MIB, `the reader holds ${ours.arrayBuffers} bytes`)

  for await (const chunk of stream) sum.add(chunk)
  t.is(sum.length, TOTAL)
  t.is(sum.digest(), (await done(writer)).digest)
})

test('a stream that nobody reads takes nothing out of the kernel', async (t) => {
  const { client, server } = await pair(t)
  const block = bytes(65_536)
  const limit = 64 * MIB
  let taken = 0
  // Room that turns up later would have been made by somebody reading.
  for (let refusals = 0; refusals < 20 && taken < limit;) {
    const count = client.tryWrite(block)
    taken += count
    if (count === 0) refusals += 1
    await turns()
  }
  t.true(taken < 8 * MIB, `${taken} bytes left the writer`)
  t.is(server.bytesRead, 0)
})

for (const how of ['read', 'readInto', 'iterate']) {
  test(`a gigabyte received by ${how} leaves memory where it was`, async (t) => {
    t.timeout(4 * LONG_MS)
    const name = uniqueName(t)
    const sink = startProgram(t, 'sink', [name, how])
    await sink.message('the listener')
    const stream = await connected(t, name)
    const block = bytes(4 * MIB, 3)
    const sum = new Checksum()
    for (let count = 0; count < 256; count += 1) {
      sum.add(block)
      await within(stream.write(block), LONG_MS, 'room for 4 MiB')
    }
    await stream.end()
    const result = await sink.message<Report & { length: number; digest: string }>(
      'the sum of a gigabyte',
      LONG_MS,
    )
    t.is(result.length, 1024 * MIB)
    t.is(result.digest, sum.digest())
    t.true(result.arrayBuffers < 192 * MIB, `array buffers grew by ${result.arrayBuffers} bytes`)
    t.true(result.rss < 256 * MIB, `resident memory grew by ${result.rss} bytes`)
  })
}

/** Waits until the writer has stood still for ten reports; gives its greatest growth. */
async function stalled(
  writer: Program,
): Promise<{ last: Report; arrayBuffers: number; rss: number }> {
  const first = await writer.message<Report>('the first report')
  let last = first
  let arrayBuffers = 0
  let rss = 0
  for (let still = 0; still < 10;) {
    const next = await writer.message<Report>('a report')
    still = next.written === last.written ? still + 1 : 0
    arrayBuffers = Math.max(arrayBuffers, next.arrayBuffers - first.arrayBuffers)
    rss = Math.max(rss, next.rss - first.rss)
    last = next
  }
  return { last, arrayBuffers, rss }
}

async function done(writer: Program): Promise<{ digest: string }> {
  for (;;) {
    const message = await writer.message<{ done?: boolean; digest?: string }>('the last report')
    if (message.done) return { digest: message.digest ?? '' }
  }
}
