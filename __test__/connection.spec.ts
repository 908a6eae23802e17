import test from 'ava'
import { connect } from 'local-socket'

import { bytes, sha256, text } from './helpers/checksum.js'
import { failure, rejectsWith, throwsWith } from './helpers/failures.js'
import { uniquePath } from './helpers/names.js'
import { accepted, fill, listening, pair, readAll } from './helpers/pair.js'
import { unixTest } from './helpers/tests.js'
import { PATIENCE_MS, turns, within } from './helpers/within.js'

const MIB = 1024 * 1024

test('close flushes what was written, then the peer sees the end', async (t) => {
  const { client, server } = await pair(t)
  const data = bytes(4 * MIB, 7)
  const written = client.write(data)
  const closed = client.close()
  t.deepEqual(await readAll(server), { length: 4 * MIB, digest: sha256(data) })
  await within(Promise.all([written, closed]), PATIENCE_MS, 'the close')
  t.true(client.closed)
})

test('close rejects pending reads, may be called again, and later calls are refused', async (t) => {
  const { client } = await pair(t)
  const pending = [
    client.read(),
    client.readInto(new Uint8Array(8)),
    client.readExact(8),
    client.read({ timeout: 60_000 }),
  ].map((promise) => failure(promise, 'a read under close'))
  t.false(client.closed)
  await Promise.all([client.close(), client.close()])
  await client.close()
  t.true(client.closed)
  for (const error of await Promise.all(pending)) t.is(error.code, 'ERR_LOCAL_SOCKET_CLOSED')
  for (const [what, call] of [
    ['read', () => client.read()],
    ['readInto', () => client.readInto(new Uint8Array(1))],
    ['readExact', () => client.readExact(1)],
    ['write', () => client.write('x')],
    ['end', () => client.end()],
  ] as const) {
    await rejectsWith(t, 'ERR_LOCAL_SOCKET_CLOSED', call, `${what} after close`)
  }
  throwsWith(t, 'ERR_LOCAL_SOCKET_CLOSED', () => client.tryRead(), 'tryRead after close')
  throwsWith(t, 'ERR_LOCAL_SOCKET_CLOSED', () => client.tryWrite('x'), 'tryWrite after close')
  throwsWith(t, 'ERR_LOCAL_SOCKET_CLOSED', () => client.split(), 'split after close')
})

test('close with operations of every kind under way settles every promise', async (t) => {
  const { client, server } = await pair(t)
  fill(client)
  const tail = bytes(1 * MIB, 8)
  const reads = [client.read(), client.readExact(5)]
  const writes = [client.write(tail), client.write('behind')]
  const ended = client.end()
  const closed = client.close()
  const readsFailed = reads.map((read) => failure(read, 'a read under close'))
  for (const error of await Promise.all(readsFailed)) t.is(error.code, 'ERR_LOCAL_SOCKET_CLOSED')

  const sum = await readAll(server)
  await within(Promise.all([...writes, ended, closed]), PATIENCE_MS, 'writes, end and close')
  t.is(sum.length, client.bytesWritten)
})

test('destroy rejects whatever is under way with its reason, at once and without a flush', async (t) => {
  const { client, server } = await pair(t)
  const sent = fill(client)
  const pending = [
    client.read(),
    client.readInto(new Uint8Array(8)),
    client.readExact(8),
    client.write(bytes(MIB)),
    client.write('behind'),
    client.end(),
  ].map((promise) =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    ),
  )
  const reason = new Error('the user has left')
  client.destroy(reason)
  t.true(client.closed)
  const outcomes = await within(Promise.all(pending), PATIENCE_MS, 'everything to settle')
  for (const outcome of outcomes) t.is(outcome, reason)
  t.is((await readAll(server)).length, sent)
  client.destroy()
  await client.close()
})

test('destroy without a reason rejects with ERR_LOCAL_SOCKET_CLOSED', async (t) => {
  const { client } = await pair(t)
  const pending = failure(client.read(), 'read under destroy')
  client.destroy()
  t.is((await pending).code, 'ERR_LOCAL_SOCKET_CLOSED')
})

for (const [how, code] of [
  ['aborted', 'ABORT_ERR'],
  ['timed out', 'ERR_LOCAL_SOCKET_TIMEOUT'],
] as const) {
  test(`a close that is ${how} before all has gone closes without the rest`, async (t) => {
    const { client, server } = await pair(t)
    const sent = fill(client)
    const stuck = failure(client.write('never read'), 'the write that nobody reads')
    const abort = new AbortController()
    const options = how === 'aborted' ? { signal: abort.signal } : { timeout: 10 }
    const cancelled = failure(client.close(options), 'the cancelled close')
    await turns()
    abort.abort()
    t.is((await cancelled).code, code)
    const error = await stuck
    t.is(error.code, 'ERR_LOCAL_SOCKET_CLOSED')
    t.is(error.bytesWritten ?? 0, 0)
    t.true(client.closed)
    t.is((await readAll(server)).length, sent)
    await client.close()
  })
}

test('a close with timeout 0 that can not flush at once closes without the rest', async (t) => {
  const { client, server } = await pair(t)
  const sent = fill(client)
  const stuck = failure(client.write('never read'), 'the write that nobody reads')
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_TIMEOUT', () => client.close({ timeout: 0 }), 'close')
  t.is((await stuck).code, 'ERR_LOCAL_SOCKET_CLOSED')
  t.is((await readAll(server)).length, sent)
})

test('a peer that never reads can not hang the end of an await using block', async (t) => {
  const { client, server } = await pair(t)
  const sent = fill(client)
  const stuck = failure(client.write('never read'), 'the write that nobody reads', 3 * PATIENCE_MS)
  await within(client[Symbol.asyncDispose](), 3 * PATIENCE_MS, 'asyncDispose of a stuck stream')
  t.true(client.closed)
  t.is((await stuck).code, 'ERR_LOCAL_SOCKET_CLOSED')
  t.is((await readAll(server)).length, sent)
})

test('await using flushes and closes the stream at the end of its block', async (t) => {
  const path = uniquePath(t)
  const listener = await listening(t, path)
  const data = bytes(2 * MIB, 9)
  const send = async (): Promise<void> => {
    await using stream = await connect(path)
    void stream.write(data)
  }
  const sending = send()
  const server = await accepted(t, listener)
  t.deepEqual(await readAll(server), { length: 2 * MIB, digest: sha256(data) })
  await within(sending, PATIENCE_MS, 'the end of the block')
})

test('asyncDispose may follow a close and may be repeated', async (t) => {
  const { client } = await pair(t)
  await client.close()
  await client[Symbol.asyncDispose]()
  await client[Symbol.asyncDispose]()
  t.true(client.closed)
})

unixTest(
  'a peer that closes with unread data is an error after the bytes that it sent',
  async (t) => {
    const { client, server } = await pair(t)
    await client.write('never read')
    await server.write('my last words')
    await server.close()
    t.is(text(await within(client.read(), PATIENCE_MS, 'the last words')), 'my last words')
    const error = await rejectsWith(t, 'ECONNRESET', () => client.read(), 'read')
    t.is(error.syscall, 'read')
    await rejectsWith(t, 'ECONNRESET', () => client.read(), 'the next read')
    throwsWith(t, 'ECONNRESET', () => client.tryRead(), 'tryRead')
  },
)

unixTest('a read that waits when the peer closes with unread data is rejected', async (t) => {
  const { client, server } = await pair(t)
  await client.write('never read')
  const reads = [client.read(), client.readExact(4), client.readInto(new Uint8Array(4))]
  const failed = reads.map((read) => failure(read, 'a read under a reset'))
  await turns()
  await server.close()
  for (const error of await Promise.all(failed)) t.is(error.code, 'ECONNRESET')
})

test('writing to a peer that has closed fails with EPIPE and the process lives on', async (t) => {
  const { client, server } = await pair(t)
  await server.close()
  const error = await rejectsWith(t, 'EPIPE', () => client.write('hello?'), 'write')
  t.is(error.syscall, 'write')
  t.is(error.bytesWritten ?? 0, 0)
  throwsWith(t, 'EPIPE', () => client.tryWrite('hello?'), 'tryWrite')
  t.is(await within(client.read(), PATIENCE_MS, 'the end'), null)
})

test('writes that wait when the peer closes are all rejected', async (t) => {
  const { client, server } = await pair(t)
  fill(client)
  const writes = [client.write(bytes(MIB)), client.write('x'), client.end()]
  const failed = writes.map((write) => failure(write, 'a write under a close'))
  await turns()
  server.destroy()
  for (const error of await Promise.all(failed)) {
    t.true(['EPIPE', 'ECONNRESET'].includes(error.code ?? ''), error.message)
  }
})
