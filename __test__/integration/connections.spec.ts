import { readdirSync } from 'node:fs'

import test, { type ExecutionContext } from 'ava'
import { connect, type Listener, type Stream } from 'local-socket'

import { bytes, Checksum, sha256, text } from '../helpers/checksum.js'
import { uniqueName, uniquePath } from '../helpers/names.js'
import { connected, discarded, listening } from '../helpers/pair.js'
import { startProgram } from '../helpers/process.js'
import { linuxSerial } from '../helpers/tests.js'
import { eventually, PATIENCE_MS, within } from '../helpers/within.js'

const MANY_MS = 30_000

for (const [kind, unique] of Object.entries({ path: uniquePath, namespaced: uniqueName })) {
  test.serial(`a server has 1,000 ${kind} connections at once, none mixed up`, async (t) => {
    t.timeout(3 * MANY_MS)
    const name = unique(t)
    const server = startProgram(t, 'server', ['digest', name, '1000'])
    await server.message('the listener')
    const streams = await within(
      Promise.all(Array.from({ length: 1000 }, () => connected(t, name, { timeout: MANY_MS }))),
      MANY_MS,
      '1,000 connects',
    )
    t.deepEqual(await server.message('1,000 open connections', MANY_MS), { open: 1000 })
    const digests = streams.map(async (stream, index) => {
      const payload = bytes(10_000 + index * 7, index)
      const [answer] = await Promise.all([stream.readExact(64), sent(stream, payload)])
      t.is(await stream.read(), null)
      return text(answer) === sha256(payload)
    })
    const right = await within(Promise.all(digests), MANY_MS, '1,000 answers')
    t.is(right.filter(Boolean).length, 1000)
  })
}

test.serial('1,000 streams of one thread move bytes both ways at once', async (t) => {
  t.timeout(3 * MANY_MS)
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const served = acceptAll(t, listener, 500)
  const clients = await within(
    Promise.all(Array.from({ length: 500 }, () => connected(t, name))),
    MANY_MS,
    '500 connects',
  )
  const servers = await within(served, MANY_MS, '500 accepts')
  const both = [...clients, ...servers].map(async (stream, index) => {
    const payload = bytes(100_000, index)
    const [received] = await Promise.all([readWhole(stream), sent(stream, payload)])
    return { sent: sha256(payload), received }
  })
  const sums = await within(Promise.all(both), MANY_MS, 'the bytes of 1,000 streams')
  const sentSums = new Set(sums.map((sum) => sum.sent))
  const receivedSums = new Set(sums.map((sum) => sum.received))
  t.is(sentSums.size, 1000)
  t.deepEqual([...receivedSums].toSorted(), [...sentSums].toSorted())
})

linuxSerial('closed connections give their descriptors back', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const round = async (): Promise<void> => {
    const served = acceptAll(t, listener, 50)
    const clients = await Promise.all(Array.from({ length: 50 }, () => connect(name)))
    const all = [...clients, ...(await served)]
    await Promise.all(all.map((stream, index) => (index % 2 ? stream.close() : stream.destroy())))
  }
  await within(round(), MANY_MS, 'a first round')
  const before = descriptors()
  for (let count = 0; count < 5; count += 1) await within(round(), MANY_MS, 'another round')
  // Other descriptors of this process come and go, but not 500 of them.
  await eventually(() => descriptors() < before + 20, PATIENCE_MS, 'descriptors were given back')
  t.true(descriptors() < before + 20)
})

function descriptors(): number {
  return readdirSync('/proc/self/fd').length
}

async function sent(stream: Stream, payload: Uint8Array): Promise<void> {
  await stream.write(payload)
  await stream.end()
}

async function readWhole(stream: Stream): Promise<string> {
  const sum = new Checksum()
  for await (const chunk of stream) sum.add(chunk)
  return sum.digest()
}

async function acceptAll(
  t: ExecutionContext,
  listener: Listener,
  count: number,
): Promise<Stream[]> {
  const streams: Stream[] = []
  while (streams.length < count) streams.push(discarded(t, await listener.accept()))
  return streams
}
