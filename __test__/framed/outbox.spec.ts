import test, { type ExecutionContext } from 'ava'
import type { LocalSocketError } from 'local-socket'

import { bytes, text } from '../helpers/checksum.js'
import { assertAbortError, failure, rejectsWith, throwsWith, wrong } from '../helpers/failures.js'
import { frame, framedPair, halfFramed, received, same, stuff, take } from '../helpers/framed.js'
import { windows } from '../helpers/platform.js'
import { PATIENCE_MS, turns, within } from '../helpers/within.js'

// One at a time, so that no other test uses up what may be done in a turn.

const KIB = 1024
const MIB = 1024 * KIB

test.serial('the first message of a turn is with the peer before send returns', async (t) => {
  const { messages, raw } = await halfFramed(t)
  for (const word of ['one', 'two', 'three']) {
    messages.send(word)
    // No turn of the loop has passed since.
    t.deepEqual(raw.tryRead(), frame(word))
    await turns(1)
  }
})

test.serial('a reply sent where a message was received does not wait either', async (t) => {
  const { client, server, streams } = await framedPair(t)
  const answered = (async () => {
    for await (const message of server) {
      const before = streams.server.bytesWritten
      server.send(message)
      t.is(streams.server.bytesWritten, before + 4 + message.byteLength)
    }
  })()
  for (let index = 0; index < 50; index += 1) {
    const before = streams.client.bytesWritten
    client.send(String(index))
    t.true(streams.client.bytesWritten > before)
    t.is(text(await received(client)), String(index))
  }
  await client.end()
  await within(answered, PATIENCE_MS, 'the end')
})

test.serial('later messages of a turn go together when it is over', async (t) => {
  const { client, server, streams } = await framedPair(t)
  // No more than every system takes at once.
  for (let index = 0; index < 500; index += 1) client.send(bytes(100, index))
  t.is(streams.client.bytesWritten, 104)
  t.is(client.bufferedBytes, 499 * 104)
  await turns(1)
  t.is(streams.client.bytesWritten, 500 * 104)
  t.is(client.bufferedBytes, 0)
  const sizes: number[] = []
  for await (const batch of server.batches()) {
    sizes.push(batch.length)
    if (sizes.reduce((sum, size) => sum + size) === 500) break
  }
  t.true(sizes.length < 5, `they came in batches of ${sizes.join(', ')}`)
})

const PLACES: Readonly<Record<string, (run: () => void) => unknown>> = {
  'a timer': (run) => setTimeout(run, 1),
  'an immediate': (run) => setImmediate(run),
  'a microtask': queueMicrotask,
  nextTick: (run) => process.nextTick(run),
}

for (const [where, call] of Object.entries(PLACES)) {
  test.serial(`what is sent in ${where} goes without anything else that happens`, async (t) => {
    const { client, server } = await framedPair(t)
    call(() => {
      for (let index = 0; index < 10; index += 1) client.send(String(index))
    })
    const got = await take('receive', server, 10)
    t.deepEqual(got.map(text), ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
  })
}

test.serial('what fills a slab goes before the turn is over', async (t) => {
  const { client, streams } = await framedPair(t)
  for (let index = 0; index < 300; index += 1) client.send(new Uint8Array(1020))
  const { bytesWritten } = streams.client
  // What a pipe takes from a writer that nobody reads is less.
  t.true(bytesWritten >= (windows ? 64 : 256) * KIB, `${bytesWritten} bytes`)
  t.is(client.bufferedBytes, 300 * KIB - bytesWritten)
})

test.serial('the bytes given to send are yours again when it returns', async (t) => {
  const { client, server } = await framedPair(t)
  const sizes = [10, 70_000, 10, 400_000, 3 * MIB, 10]
  for (const size of sizes) {
    const message = bytes(size, size)
    client.send(message)
    message.fill(0)
  }
  for (const size of sizes) t.true(same(await received(server), bytes(size, size)))
})

test.serial('strings go as UTF-8, and every kind of Uint8Array as it is', async (t) => {
  const { client, server } = await framedPair(t)
  const shared = new Uint8Array(new SharedArrayBuffer(600_000)).fill(3)
  for (const message of ['', 'Größe 😀', Buffer.from('buffer'), bytes(100).subarray(10, 20)]) {
    client.send(message)
    t.deepEqual(await received(server), new Uint8Array(Buffer.from(wrong<string>(message))))
  }
  client.send(shared)
  client.send(shared.subarray(0, 5))
  t.true(same(await received(server), shared))
  t.deepEqual([...(await received(server))], [3, 3, 3, 3, 3])
  for (const message of [1, null, undefined, {}, new ArrayBuffer(1), new DataView(shared.buffer)]) {
    throwsWith(t, 'ERR_INVALID_ARG_TYPE', () => client.send(wrong(message)), 'no bytes')
  }
})

test.serial('a message whose memory was transferred is refused, and is no empty one', async (t) => {
  const { client, server } = await framedPair(t)
  const message = new Uint8Array(10)
  structuredClone(message.buffer, { transfer: [message.buffer] })
  throwsWith(t, 'ERR_LOCAL_SOCKET_DETACHED', () => client.send(message), 'a detached message')
  client.send('after')
  t.is(text(await received(server)), 'after')
})

test.serial('a message whose view is out of bounds is refused, and is no empty one', async (t) => {
  const { client, server } = await framedPair(t)
  const memory = Reflect.construct(ArrayBuffer, [8, { maxByteLength: 8 }]) as ArrayBuffer & {
    resize(length: number): void
  }
  const message = new Uint8Array(memory, 4, 4)
  memory.resize(2)
  throwsWith(t, 'ERR_LOCAL_SOCKET_DETACHED', () => client.send(message), 'a shrunk message')
  client.send('after')
  t.is(text(await received(server)), 'after')
})

test.serial('destroy leaves nothing buffered', async (t) => {
  const { client } = await framedPair(t)
  client.send('goes at once')
  client.send('is gathered')
  t.true(client.bufferedBytes > 0)
  client.destroy()
  t.is(client.bufferedBytes, 0)
})

test.serial('a call that is refused for its options takes no news of what was lost', async (t) => {
  const { messages, raw } = await halfFramed(t)
  messages.send('goes at once')
  raw.destroy()
  messages.send('waits for the turn to be over')
  await turns()
  const signal = AbortSignal.abort()
  await rejectsWith(t, 'ABORT_ERR', () => messages.drained({ signal }), 'drained')
  await rejectsWith(t, 'ERR_OUT_OF_RANGE', () => messages.end({ timeout: -1 }), 'end')
  await rejectsWith(t, 'EPIPE', () => messages.close(), 'close')
})

test.serial(
  'send says to pause while the peer does not read, and drained when to go on',
  async (t) => {
    const { client, server } = await framedPair(t)
    const message = bytes(10_000)
    let sent = 1
    while (client.send(message)) sent += 1
    let drained = false
    const room = client.drained().then(() => (drained = true))
    t.true(client.bufferedBytes >= 256 * KIB)
    await turns(20)
    t.false(drained)
    // Nothing that was sent all the same is lost.
    for (let more = 0; more < 100; more += 1) t.false(client.send(message))
    sent += 100
    const got = await take('an iteration over messages', server, sent)
    await within(room, PATIENCE_MS, 'room')
    t.is(client.bufferedBytes, 0)
    t.true(got.every((one) => one.byteLength === 10_000))
    t.true(same(got.at(-1) as Uint8Array, message))
  },
)

test.serial(
  'a sender that obeys keeps its memory bounded, one message beyond what may wait',
  async (t) => {
    const { client, server } = await framedPair(t)
    let count = 0
    server.onBatch = (batch) => {
      count += batch.length
    }
    for (let index = 0; index < 5000; index += 1) {
      if (!client.send(new Uint8Array(20_000))) await client.drained()
      if (client.bufferedBytes > 300 * KIB) t.fail(`${client.bufferedBytes} bytes wait`)
    }
    await within(client.end(), PATIENCE_MS, 'the rest to go')
    await within(server.ended, PATIENCE_MS, 'the end')
    t.is(count, 5000)
  },
)

test.serial('drained can be cancelled, and what is queued still goes', async (t) => {
  const { client, server } = await framedPair(t)
  const sent = await stuff(client, new Uint8Array(5000))
  const aborting = new AbortController()
  const waiting = client.drained({ signal: aborting.signal })
  aborting.abort('enough')
  assertAbortError(t, await failure(waiting, 'drained'), 'enough')
  await rejectsWith(
    t,
    'ERR_LOCAL_SOCKET_TIMEOUT',
    () => client.drained({ timeout: 5 }),
    'drained with a timeout',
  )
  await rejectsWith(
    t,
    'ERR_LOCAL_SOCKET_TIMEOUT',
    () => client.drained({ timeout: 0 }),
    'drained at once',
  )
  await take('borrowed batches', server, sent)
  await within(client.drained(), PATIENCE_MS, 'all to have gone')
})

test.serial(
  'drained gives the system what was gathered, without waiting for the turn to be over',
  async (t) => {
    const { client, streams } = await framedPair(t)
    client.send('one')
    client.send('two')
    t.is(streams.client.bytesWritten, 7)
    const drained = client.drained({ timeout: 0 })
    t.is(streams.client.bytesWritten, 14)
    await drained
  },
)

test.serial('sending to itself without a pause does not hold up a timer', async (t) => {
  const { client, server } = await framedPair(t)
  server.onBatch = () => undefined
  let fired = false
  setTimeout(() => (fired = true), 5)
  let rounds = 0
  const message = new Uint8Array(100)
  for (; !fired && rounds < 2_000_000; rounds += 1) {
    client.send(message)
    await client.drained()
  }
  t.true(fired, `no timer in ${rounds} rounds`)
})

test.serial('a peer that is gone is told by send, drained, end and close', async (t) => {
  const { messages, raw } = await halfFramed(t)
  raw.destroy()
  const error = await within(
    (async () => {
      for (;;) {
        try {
          messages.send('anybody?')
        } catch (thrown) {
          return thrown as NodeJS.ErrnoException
        }
        await turns(1)
      }
    })(),
    PATIENCE_MS,
    'send to throw',
  )
  t.is(error.code, 'EPIPE')
  throwsWith(t, 'EPIPE', () => messages.send('again'), 'send')
  await rejectsWith(t, 'EPIPE', () => messages.drained(), 'drained')
  await rejectsWith(t, 'EPIPE', () => messages.end(), 'end')
  t.is(messages.bufferedBytes, 0)
})

/** What close rejects with if what it sends finds nobody, which nothing else has told. */
async function codeOfLoss(t: ExecutionContext): Promise<unknown> {
  // Before Linux 6.16 another thread closes the peer, perhaps after all has gone.
  for (let round = 0; round < 100; round += 1) {
    const { messages, raw } = await halfFramed(t)
    messages.send('goes at once')
    raw.destroy()
    messages.send('waits for the turn to be over')
    await turns()
    const code = await messages.close().then(
      () => undefined,
      (error: LocalSocketError) => error.code,
    )
    if (code !== undefined) return code
  }
  return undefined
}

test.serial(
  'close rejects if what was queued could not be sent, and nobody was told',
  async (t) => {
    const { messages, raw } = await halfFramed(t)
    await stuff(messages, new Uint8Array(10_000))
    const closing = messages.close()
    raw.destroy()
    const error = await failure(closing, 'close')
    t.regex(String(error.code), /^(EPIPE|ECONNRESET)$/)
    t.true(messages.closed)
    t.is(await codeOfLoss(t), 'EPIPE')
  },
)

test.serial('connections that gather at the same time share bounded memory', async (t) => {
  const pairs = await Promise.all(Array.from({ length: 200 }, () => framedPair(t)))
  const before = process.memoryUsage().arrayBuffers
  for (const { client } of pairs) {
    for (let index = 0; index < 3; index += 1) client.send(bytes(100, index))
  }
  const grown = process.memoryUsage().arrayBuffers - before
  t.true(grown < 16 * MIB, `${grown} bytes for 200 connections`)
  for (const { server } of pairs) t.is((await take('receive', server, 3)).length, 3)
})
