import test from 'ava'
import { framed } from 'local-socket/framed'

import { bytes, joined, text } from '../helpers/checksum.js'
import { assertAbortError, failure, rejectsWith, throwsWith } from '../helpers/failures.js'
import {
  frame,
  framedPair,
  halfFramed,
  received,
  same,
  sendAll,
  take,
  WAYS,
} from '../helpers/framed.js'
import { pair } from '../helpers/pair.js'
import { eventually, PATIENCE_MS, turns, within } from '../helpers/within.js'

// One at a time: they keep the thread busy, and the deadlines of others would pass meanwhile.

const KIB = 1024
const MIB = 1024 * KIB

/** Around every size at which something changes: headers, copies, blocks, slabs, growth. */
const SIZES = [
  0,
  1,
  3,
  4,
  63,
  64,
  65,
  1024,
  16_379,
  16_380,
  16_384,
  16_385,
  65_536,
  200_000,
  263_163,
  263_164,
  263_165,
  263_168,
  263_169,
  526_336,
  1_000_000,
  3 * MIB,
]

for (const way of Object.keys(WAYS)) {
  test.serial(`messages of every size arrive whole and in order by ${way}`, async (t) => {
    const { client, server } = await framedPair(t)
    const sizes = [...SIZES, ...SIZES.toReversed(), ...SIZES.flatMap((size) => [5, size, 0])]
    const sending = sendAll(
      client,
      sizes.map((size, index) => bytes(size, index)),
    )
    const taken = await take(way, server, sizes.length, 3 * PATIENCE_MS)
    await sending
    t.is(taken.length, sizes.length)
    for (const [index, size] of sizes.entries()) {
      t.true(same(taken[index], bytes(size, index)), `message ${index}`)
    }
  })

  test.serial(`bytes that come one by one make the same messages by ${way}`, async (t) => {
    const { messages, raw } = await halfFramed(t)
    const wire = joined([frame('one'), frame(''), frame('three'), frame(bytes(20, 1))])
    const taking = take(way, messages, 4)
    for (const byte of wire) {
      await raw.write(Uint8Array.of(byte))
      await turns(1)
    }
    const taken = await taking
    t.deepEqual(taken.slice(0, 3).map(text), ['one', '', 'three'])
    t.true(same(taken[3], bytes(20, 1)))
  })

  test.serial(`many small messages that come at once are all taken by ${way}`, async (t) => {
    const { client, server } = await framedPair(t, { lengthBytes: 1 })
    const count = 20_000
    const one = Uint8Array.of(7)
    const sending = sendAll(client, Array.from({ length: count }).fill(one) as Uint8Array[])
    const taken = await take(way, server, count, 3 * PATIENCE_MS)
    await sending
    t.is(taken.length, count)
    t.true(taken.every((message) => message.byteLength === 1 && message[0] === 7))
  })

  test.serial(
    `copies and views are right behind a message that was split, by ${way}`,
    async (t) => {
      const { messages, raw } = await halfFramed(t)
      const wire = joined(
        Array.from({ length: 3000 }, (_, index) => frame(bytes(index % 90, index))),
      )
      const taking = take(way, messages, 3000)
      for (let at = 0; at < wire.byteLength; at += 9973)
        await raw.write(wire.subarray(at, at + 9973))
      for (const [index, message] of (await taking).entries()) {
        t.true(same(message, bytes(index % 90, index)), `message ${index}`)
      }
    },
  )
}

test.serial('small messages that come in memory of a large one are not lost with it', async (t) => {
  const { client, server } = await framedPair(t)
  // The second fits the memory that the first needed, and leaves room for those behind it.
  const sizes = [1_100_000, 1_000_000, 10, 20, 30_000, 1_100_000, 1_090_000, 5]
  for (const way of ['receive', 'batches of copies']) {
    const sending = sendAll(
      client,
      sizes.map((size, index) => bytes(size, index)),
    )
    for (const [index, message] of (await take(way, server, sizes.length)).entries()) {
      t.true(same(message, bytes(sizes[index] ?? 0, index)), `message ${index} by ${way}`)
    }
    await sending
  }
})

test.serial('what arrived before framed was called is received', async (t) => {
  const { client, server } = await pair(t)
  await client.write(joined([Uint8Array.of(9, 9), frame('first'), frame('second')]))
  await within(server.readExact(2), PATIENCE_MS, 'two bytes before the messages')
  // A read that is cut short gives back what it had.
  await rejectsWith(
    t,
    'ERR_LOCAL_SOCKET_TIMEOUT',
    () => server.readExact(1000, { timeout: 0 }),
    'a read of more than there is',
  )
  const messages = framed(server)
  t.is(text(await received(messages)), 'first')
  t.is(text(await received(messages)), 'second')
})

test.serial('messages received are yours: later ones leave them as they are', async (t) => {
  const { client, server } = await framedPair(t)
  const sizes = [1, 64, 65, 500, 20_000, 300_000]
  const kept: Uint8Array[] = []
  for (let round = 0; round < 20; round += 1) {
    const sending = sendAll(
      client,
      sizes.map((size) => new Uint8Array(size).fill(round)),
    )
    kept.push(...(await take('receive', server, sizes.length)))
    await sending
  }
  for (const [index, message] of kept.entries()) {
    const round = Math.floor(index / sizes.length)
    t.true(
      message.every((byte) => byte === round),
      `message ${index}`,
    )
  }
})

test.serial('writing into a message that was received changes no other', async (t) => {
  const { client, server } = await framedPair(t)
  for (let index = 0; index < 1000; index += 1) client.send(new Uint8Array(40).fill(index))
  const taken = await take('an iteration over messages', server, 1000)
  for (const [index, message] of taken.entries()) {
    t.true(
      message.every((byte) => byte === index % 256),
      `message ${index}`,
    )
    message.fill(255)
  }
})

test.serial('a message that is kept holds at most a block of 16 KiB besides itself', async (t) => {
  const { client, server } = await framedPair(t)
  const sending = sendAll(
    client,
    Array.from({ length: 5000 }, () => new Uint8Array(64)),
  )
  for (const message of await take('receive', server, 5000)) {
    if (message.buffer.byteLength > 16 * KIB) t.fail(`${message.buffer.byteLength} bytes are held`)
  }
  await sending
  client.send(new Uint8Array(MIB))
  t.true((await received(server)).buffer.byteLength < 1.2 * MIB)
})

test.serial('views of a batch are over when the next is asked for', async (t) => {
  const { client, server } = await framedPair(t)
  const batches = server.batches()
  client.send('first')
  const { value: batch } = await within(batches.next(), PATIENCE_MS, 'the first batch')
  t.is(batch?.length, 1)
  t.is(text(batch?.at(0)), 'first')
  const next = batches.next()
  t.is(batch?.length, 0)
  throwsWith(t, 'ERR_OUT_OF_RANGE', () => batch?.at(0), 'a batch that is over')
  client.send('second')
  t.is(text((await within(next, PATIENCE_MS, 'the second batch')).value?.at(0)), 'second')
})

for (const copy of [false, true]) {
  const kind = copy ? 'a batch of copies' : 'a borrowed batch'
  test.serial(`${kind} refuses an index at which there is no message`, async (t) => {
    const { client, server } = await framedPair(t)
    client.send('only')
    const { value: batch } = await within(server.batches({ copy }).next(), PATIENCE_MS, kind)
    t.is(batch?.length, 1)
    for (const index of [-1, 1, 0.5, NaN, 2 ** 32]) {
      const error = throwsWith(t, 'ERR_OUT_OF_RANGE', () => batch?.at(index), `index ${index}`)
      t.true(error instanceof RangeError)
    }
    t.deepEqual(Array.from(batch ?? [], text), ['only'])
  })
}

test.serial('a receive that is cancelled takes nothing, not even part of a message', async (t) => {
  const { messages, raw } = await halfFramed(t)
  const reason = new Error('no more')
  const aborting = new AbortController()
  const cancelled = messages.receive({ signal: aborting.signal })
  const wire = frame(bytes(100_000))
  await raw.write(wire.subarray(0, 50_000))
  await turns()
  aborting.abort(reason)
  assertAbortError(t, await failure(cancelled, 'the receive'), reason)
  await rejectsWith(
    t,
    'ERR_LOCAL_SOCKET_TIMEOUT',
    () => messages.receive({ timeout: 5 }),
    'a receive with a timeout',
  )
  await rejectsWith(
    t,
    'ERR_LOCAL_SOCKET_TIMEOUT',
    () => messages.receive({ timeout: 0 }),
    'a receive of what is there',
  )
  await raw.write(wire.subarray(50_000))
  t.true(same(await received(messages), bytes(100_000)))
})

test.serial('receive with timeout 0 takes a message that is there', async (t) => {
  const { client, server } = await framedPair(t)
  client.send('a')
  client.send('b')
  await client.drained()
  t.is(text(await server.receive({ timeout: 0 })), 'a')
  t.is(text(await server.receive({ timeout: 0 })), 'b')
})

test.serial('receives that wait are served in order', async (t) => {
  const { client, server } = await framedPair(t)
  const all = Promise.all(Array.from({ length: 100 }, () => server.receive()))
  for (let index = 0; index < 100; index += 1) client.send(String(index))
  const got = await within(all, PATIENCE_MS, 'all receives')
  t.deepEqual(
    got.map(text),
    Array.from({ length: 100 }, (_, index) => String(index)),
  )
})

test.serial(
  'while nobody takes messages, nothing is read, and the sender is told to pause',
  async (t) => {
    const { client, server, streams } = await framedPair(t)
    const message = new Uint8Array(1000)
    let sent = 0
    while (client.send(message)) {
      sent += 1
      await turns(1)
      if (sent > 100_000) break
    }
    t.true(sent < 10_000, `${sent} messages were sent to nobody`)
    t.true(client.bufferedBytes >= 256 * KIB && client.bufferedBytes < 512 * KIB)
    t.is(streams.server.bytesRead, 0)
    let count = 0
    const drained = client.drained()
    server.onBatch = (batch) => {
      count += batch.length
    }
    await within(drained, PATIENCE_MS, 'the peer to take it')
    t.is(client.bufferedBytes, 0)
    await eventually(() => count === sent + 1, PATIENCE_MS, 'all messages')
  },
)

test.serial(
  'a borrowed batch whose memory is transferred is told of, and crashes nothing',
  async (t) => {
    const { messages, raw } = await halfFramed(t)
    const iteration = messages.batches()
    // Half a message behind the batch is lost with it.
    await raw.write(joined([frame('whole'), frame('half').subarray(0, 6)]))
    const { value } = await within(iteration.next(), PATIENCE_MS, 'a batch')
    const view = value?.at(0) as Uint8Array<ArrayBuffer>
    structuredClone(view.buffer, { transfer: [view.buffer] })
    await rejectsWith(t, 'ERR_LOCAL_SOCKET_DETACHED', () => iteration.next(), 'the next batch')
    t.true(messages.closed)
  },
)

test.serial('where nothing is lost, transferring borrowed memory has no consequence', async (t) => {
  const { client, server } = await framedPair(t)
  const iteration = server.batches()
  for (let round = 0; round < 20; round += 1) {
    client.send(`round ${round}`)
    const { value } = await within(iteration.next(), PATIENCE_MS, 'a batch')
    const view = value?.at(0) as Uint8Array<ArrayBuffer>
    t.is(text(view), `round ${round}`)
    structuredClone(view.buffer, { transfer: [view.buffer] })
  }
})

test.serial('who has taken all messages holds no memory for more', async (t) => {
  const pairs = await Promise.all(Array.from({ length: 200 }, () => framedPair(t)))
  const before = process.memoryUsage().arrayBuffers
  for (const { client, server } of pairs) {
    client.send('one')
    t.is(text(await received(server)), 'one')
  }
  const grown = process.memoryUsage().arrayBuffers - before
  t.true(grown < 4 * MIB, `${grown} bytes for 200 connections`)
})
