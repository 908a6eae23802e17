import test from 'ava'
import type { Framed } from 'local-socket/framed'

import { bytes, text } from './helpers/checksum.js'
import { failure, rejectsWith, throwsWith, type Failure } from './helpers/failures.js'
import { frame, framedPair, halfFramed, received, same, sendAll, stuff } from './helpers/framed.js'
import { unixTest } from './helpers/tests.js'
import { eventually, PATIENCE_MS, turns, within } from './helpers/within.js'

/** Ways to meet the end: each gives what it took before, and resolves or rejects by how it ended. */
const ENDS: Readonly<Record<string, (messages: Framed, taken: string[]) => Promise<void>>> = {
  receive: async (messages, taken) => {
    let message = await messages.receive()
    for (; message !== null; message = await messages.receive()) taken.push(text(message))
  },
  'an iteration over messages': async (messages, taken) => {
    for await (const message of messages) taken.push(text(message))
  },
  'borrowed batches': async (messages, taken) => {
    for await (const batch of messages.batches()) taken.push(...Array.from(batch, text))
  },
  'batches of copies': async (messages, taken) => {
    for await (const batch of messages.batches({ copy: true }))
      taken.push(...Array.from(batch, text))
  },
  'onBatch and ended': (messages, taken) => {
    messages.onBatch = (batch) => taken.push(...Array.from(batch, text))
    return messages.ended
  },
}

for (const [way, run] of Object.entries(ENDS)) {
  test(`an orderly end is told by ${way}, and answers can still be sent`, async (t) => {
    const { client, server } = await framedPair(t)
    const taken: string[] = []
    const ended = run(server, taken)
    await sendAll(client, ['a', 'b', 'c'])
    await client.end()
    await within(ended, PATIENCE_MS, 'the end')
    await within(server.ended, PATIENCE_MS, 'ended')
    t.deepEqual(taken, ['a', 'b', 'c'])
    t.is(await server.receive(), null)
    server.send('an answer')
    t.is(text(await received(client)), 'an answer')
  })

  test(`an end within a message is an error by ${way}, after the messages before it`, async (t) => {
    const { messages, raw } = await halfFramed(t)
    const taken: string[] = []
    const ended = run(messages, taken)
    await raw.write(frame('whole'))
    await raw.write(frame('0123456789').subarray(0, 9))
    await raw.end()
    const error = await failure(ended, 'the end')
    t.is(error.code, 'ERR_LOCAL_SOCKET_UNEXPECTED_END')
    t.regex(error.message, /after 5 of the 10 bytes of a message/)
    t.is(text(error.received), '01234')
    t.deepEqual(taken, ['whole'])
    t.true(messages.closed)
    t.is((await failure(messages.ended, 'ended')).code, 'ERR_LOCAL_SOCKET_UNEXPECTED_END')
  })

  // Serial, since what other tests take at the same time would be counted too.
  test.serial(
    `a message longer than maxLength is an error by ${way}, and costs no memory`,
    async (t) => {
      const { messages, raw } = await halfFramed(t)
      const taken: string[] = []
      const ended = run(messages, taken)
      const before = process.memoryUsage().arrayBuffers
      await raw.write(frame('whole'))
      await raw.write(Uint8Array.of(255, 255, 255, 255, 1, 2, 3))
      const error = await failure(ended, 'the long message')
      t.is(error.code, 'ERR_LOCAL_SOCKET_TOO_LONG')
      t.regex(error.message, /4294967295 bytes.*maxLength, 8388608/)
      t.deepEqual(taken, ['whole'])
      t.true(messages.closed)
      t.true(process.memoryUsage().arrayBuffers - before < 64 * 1024 * 1024)
      throwsWith(t, 'ERR_LOCAL_SOCKET_CLOSED', () => messages.send('x'), 'send')
    },
  )

  test(`close makes ${way} reject`, async (t) => {
    const { server } = await framedPair(t)
    const ended = run(server, [])
    await turns()
    const told = failure(ended, 'the end')
    await within(server.close(), PATIENCE_MS, 'close')
    t.is((await told).code, 'ERR_LOCAL_SOCKET_CLOSED')
    t.is((await failure(server.ended, 'ended')).code, 'ERR_LOCAL_SOCKET_CLOSED')
  })

  test(`destroy makes ${way} reject with its error`, async (t) => {
    const { server } = await framedPair(t)
    const ended = run(server, [])
    await turns()
    const told = failure(ended, 'the end')
    const reason = new Error('enough')
    server.destroy(reason)
    t.is(await told, reason as Failure)
    t.is(await failure(server.ended, 'ended'), reason as Failure)
  })

  unixTest(`a connection that breaks is told by ${way}`, async (t) => {
    const { messages, raw } = await halfFramed(t)
    const taken: string[] = []
    messages.send('never read')
    await raw.write(frame('sent before'))
    raw.destroy()
    const error = await failure(run(messages, taken), 'the end')
    t.is(error.code, 'ECONNRESET')
    t.deepEqual(taken, ['sent before'])
    t.is((await failure(messages.ended, 'ended')).code, 'ECONNRESET')
  })
}

test('an end within a length is an error', async (t) => {
  const { messages, raw } = await halfFramed(t)
  await raw.write(Uint8Array.of(0, 0))
  await raw.end()
  const error = await failure(messages.receive(), 'receive')
  t.is(error.code, 'ERR_LOCAL_SOCKET_UNEXPECTED_END')
  t.regex(error.message, /after 2 of its 4 bytes/)
  t.is(error.received?.byteLength, 0)
})

test('a length of eight bytes that no number can say is too long', async (t) => {
  const { messages, raw } = await halfFramed(t, { lengthBytes: 8 })
  await raw.write(new Uint8Array(8).fill(255))
  t.is((await failure(messages.receive(), 'receive')).code, 'ERR_LOCAL_SOCKET_TOO_LONG')
})

test.serial('memory grows with what arrives, not with what a length claims', async (t) => {
  const { messages, stream, raw } = await halfFramed(t, { maxLength: 2_000_000_000 })
  const before = process.memoryUsage().arrayBuffers
  const waiting = messages.receive()
  waiting.catch(() => undefined)
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, 2_000_000_000)
  await raw.write(length)
  await raw.write(new Uint8Array(1_000_000))
  await eventually(() => stream.bytesRead === 1_000_004, PATIENCE_MS, 'all to have been taken')
  const grown = process.memoryUsage().arrayBuffers - before
  t.true(grown < 64 * 1024 * 1024, `memory grew by ${grown} bytes`)
  await raw.end()
  const error = await failure(waiting, 'receive')
  t.is(error.code, 'ERR_LOCAL_SOCKET_UNEXPECTED_END')
  t.is(error.received?.byteLength, 1_000_000)
})

test.serial('part of a message costs memory for what came of it, and no more', async (t) => {
  const part = frame(new Uint8Array(8_000_000)).slice(0, 20_000)
  const pairs = await Promise.all(Array.from({ length: 10 }, () => halfFramed(t)))
  const before = process.memoryUsage().arrayBuffers
  const taken = (length: number): Promise<void> =>
    eventually(
      () => pairs.every(({ stream }) => stream.bytesRead === length),
      PATIENCE_MS,
      `${length} bytes of each to have been taken`,
    )
  for (const { messages, raw } of pairs) {
    messages.receive().catch(() => undefined)
    await raw.write(part)
  }
  for (let count = 0; count < 10; count += 1) {
    await taken(part.byteLength + count)
    for (const { raw } of pairs) await raw.write(new Uint8Array(1))
  }
  await taken(part.byteLength + 10)
  const grown = process.memoryUsage().arrayBuffers - before
  t.true(grown < 6_000_000, `memory grew by ${grown} bytes`)
})

test('end sends what is queued, then the peer meets the end; later sends throw', async (t) => {
  const { client, server } = await framedPair(t)
  for (let index = 0; index < 100; index += 1) client.send(bytes(10_000, index))
  const ending = client.end()
  const error = throwsWith(t, 'ERR_LOCAL_SOCKET_ENDED', () => client.send('late'), 'send')
  t.regex(error.message, /^send: end\(\) was called/)
  for (let index = 0; index < 100; index += 1) {
    t.true(same(await received(server), bytes(10_000, index)))
  }
  t.is(await within(server.receive(), PATIENCE_MS, 'the end'), null)
  await within(ending, PATIENCE_MS, 'end')
  await within(client.end(), PATIENCE_MS, 'end again')
})

test('end with a timeout stops waiting, and what is queued still goes', async (t) => {
  const { client, server } = await framedPair(t)
  const sent = await stuff(client, bytes(10_000))
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_TIMEOUT', () => client.end({ timeout: 20 }), 'end')
  let count = 0
  for await (const message of server) count += message.byteLength / 10_000
  t.is(count, sent)
})

test('close sends what is queued before it closes, and may be called again', async (t) => {
  const { client, server } = await framedPair(t)
  for (let index = 0; index < 100; index += 1) client.send(bytes(10_000, index))
  const closing = client.close()
  t.is(client.close(), closing)
  throwsWith(t, 'ERR_LOCAL_SOCKET_CLOSED', () => client.send('late'), 'send')
  let index = 0
  for await (const message of server) {
    t.true(same(message, bytes(10_000, index)))
    index += 1
  }
  t.is(index, 100)
  await within(closing, PATIENCE_MS, 'close')
  t.is(client.fd, -1)
})

test('a peer that does not read makes close with a timeout give up', async (t) => {
  const { client } = await framedPair(t)
  await stuff(client, bytes(10_000))
  const drained = client.drained()
  drained.catch(() => undefined)
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_TIMEOUT', () => client.close({ timeout: 50 }), 'close')
  t.is((await failure(drained, 'drained')).code, 'ERR_LOCAL_SOCKET_CLOSED')
  t.true(client.closed)
})

test('await using sends what is queued and closes', async (t) => {
  const { client, server } = await framedPair(t)
  {
    await using messages = client
    for (let index = 0; index < 10; index += 1) messages.send(String(index))
  }
  const taken: string[] = []
  for await (const message of server) taken.push(text(message))
  t.is(taken.join(''), '0123456789')
  t.true(client.closed)
})

test('destroy loses what is queued, and what waits fails', async (t) => {
  const { client } = await framedPair(t)
  await stuff(client, bytes(10_000))
  const waiting = [client.drained(), client.end(), client.close(), client.receive()]
  for (const promise of waiting) promise.catch(() => undefined)
  client.destroy()
  for (const promise of waiting) {
    t.is((await failure(promise, 'what waits')).code, 'ERR_LOCAL_SOCKET_CLOSED')
  }
  throwsWith(t, 'ERR_LOCAL_SOCKET_CLOSED', () => client.send('x'), 'send')
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_CLOSED', () => client.receive(), 'receive')
  throwsWith(t, 'ERR_LOCAL_SOCKET_CLOSED', () => (client.onBatch = () => undefined), 'onBatch')
  client.onBatch = undefined
  client.destroy()
})

test('the connection can be closed and destroyed within onBatch', async (t) => {
  for (const how of ['close', 'destroy'] as const) {
    const { client, server } = await framedPair(t)
    const seen: string[] = []
    server.onBatch = (batch) => {
      void server[how]()
      // Still there: nobody else uses its memory.
      seen.push(...Array.from(batch, text))
    }
    client.send('the last')
    await eventually(() => seen.length > 0, PATIENCE_MS, 'a batch')
    t.deepEqual(seen, ['the last'])
    await eventually(() => server.fd === -1, PATIENCE_MS, 'the descriptor to close')
    await turns()
  }
})

test('nobody has to look at how receiving ended', async (t) => {
  const { messages, raw } = await halfFramed(t)
  messages.onBatch = () => undefined
  void messages.ended
  await raw.write(new Uint8Array(4).fill(255))
  await eventually(() => messages.closed, PATIENCE_MS, 'the connection to be closed')
  await turns(10)
  t.is((await failure(messages.ended, 'ended')).code, 'ERR_LOCAL_SOCKET_TOO_LONG')
})

test('the stack of a receive that fails late leads to the line that called it', async (t) => {
  const { messages, raw } = await halfFramed(t)
  const call = async function theUsersFunction(): Promise<void> {
    await messages.receive()
  }
  const called = call()
  await raw.write(new Uint8Array(4).fill(255))
  t.regex(String((await failure(called, 'receive')).stack), /theUsersFunction/)
})
