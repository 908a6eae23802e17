import test from 'ava'
import type { Stream } from 'local-socket'

import { bytes, sha256, text } from './helpers/checksum.js'
import { assertAbortError, failure, rejectsWith, throwsWith } from './helpers/failures.js'
import { fill, pair, readAll } from './helpers/pair.js'
import { PATIENCE_MS, turns, within } from './helpers/within.js'

const MIB = 1024 * 1024

/** Reads as many bytes as were sent. */
async function drain(stream: Stream, length: number): Promise<Uint8Array> {
  return within(stream.readExact(length), PATIENCE_MS, `${length} bytes`)
}

for (const [how, code] of [
  ['aborted', 'ABORT_ERR'],
  ['timed out', 'ERR_LOCAL_SOCKET_TIMEOUT'],
] as const) {
  const options = (): { wait: { signal?: AbortSignal; timeout?: number }; act: () => void } => {
    if (how === 'timed out') return { wait: { timeout: 10 }, act: () => undefined }
    const abort = new AbortController()
    return { wait: { signal: abort.signal }, act: () => abort.abort() }
  }

  test(`a write that is ${how} before its first byte is taken back, and others go on`, async (t) => {
    const { client, server } = await pair(t)
    const sent = fill(client)
    const { wait, act } = options()
    const before = client.write('before')
    const cancelled = failure(client.write('never', wait), 'the cancelled write')
    const behind = client.write('behind')
    await turns()
    act()
    const error = await cancelled
    t.is(error.code, code)
    t.is(error.bytesWritten ?? 0, 0)
    await drain(server, sent)
    await within(Promise.all([before, behind]), PATIENCE_MS, 'the other writes')
    await client.write('later')
    t.is(text(await drain(server, 17)), 'beforebehindlater')
  })

  // Serial, like others here whose first part has to go at the call: tests at the same time share
  // the turn.
  test.serial(
    `a write that is ${how} after a part of it has gone tells how much and tears the stream`,
    async (t) => {
      const { client, server } = await pair(t)
      const data = bytes(4 * MIB)
      const { wait, act } = options()
      const cancelled = failure(client.write(data, wait), 'the cancelled write')
      const behind = [
        failure(client.write('behind'), 'the write behind'),
        failure(client.write(bytes(MIB)), 'the next write behind'),
      ]
      await turns()
      act()
      const error = await cancelled
      t.is(error.code, code)
      const part = error.bytesWritten ?? 0
      t.true(part > 0 && part < data.byteLength, `${part} bytes`)
      t.is(client.bytesWritten, part)
      for (const rejected of await Promise.all(behind)) {
        t.is(rejected.code, 'ERR_LOCAL_SOCKET_TORN')
        t.is(rejected.bytesWritten, 0)
      }
      await rejectsWith(t, 'ERR_LOCAL_SOCKET_TORN', () => client.write('later'), 'a later write')
      throwsWith(t, 'ERR_LOCAL_SOCKET_TORN', () => client.tryWrite('later'), 'a later tryWrite')

      // The other direction is whole, and the part that went is what the peer gets.
      t.is(sha256(await drain(server, part)), sha256(data.subarray(0, part)))
      await server.write('what was that?')
      t.is(text(await within(client.read(), PATIENCE_MS, 'the question')), 'what was that?')
      await client.close().catch(() => undefined)
      t.is(await within(server.read(), PATIENCE_MS, 'the end'), null)
    },
  )
}

test.serial('a write behind one that has gone in part can be taken back alone', async (t) => {
  const { client, server } = await pair(t)
  const data = bytes(4 * MIB)
  const abort = new AbortController()
  const first = client.write(data)
  const cancelled = failure(client.write('never', { signal: abort.signal }), 'the second write')
  const third = client.write('third')
  await turns()
  t.true(client.bytesWritten > 0)
  abort.abort()
  t.is((await cancelled).bytesWritten ?? 0, 0)
  t.is(sha256(await drain(server, data.byteLength)), sha256(data))
  t.is(text(await drain(server, 5)), 'third')
  await within(Promise.all([first, third]), PATIENCE_MS, 'the other writes')
})

test('a write with an aborted signal sends nothing', async (t) => {
  const { client, server } = await pair(t)
  const signal = AbortSignal.abort('no')
  const error = await failure(client.write('never', { signal }), 'write')
  assertAbortError(t, error, 'no')
  t.is(error.bytesWritten ?? 0, 0)
  await client.write('later')
  t.is(text(await within(server.read(), PATIENCE_MS, 'later')), 'later')
})

test.serial('timeout 0 writes what fits at once', async (t) => {
  const { client, server } = await pair(t)
  await client.write('all of it', { timeout: 0 })
  t.is(text(server.tryRead()), 'all of it')
})

test('timeout 0 without any room takes the write back', async (t) => {
  const { client, server } = await pair(t)
  const sent = fill(client)
  const error = await rejectsWith(
    t,
    'ERR_LOCAL_SOCKET_TIMEOUT',
    () => client.write('never', { timeout: 0 }),
    'write',
  )
  t.is(error.bytesWritten ?? 0, 0)
  await drain(server, sent)
  await client.write('later')
  t.is(text(await drain(server, 5)), 'later')
})

test('timeout 0 with room for a part of the write tells how much went', async (t) => {
  const { client, server } = await pair(t)
  const data = bytes(8 * MIB)
  const error = await rejectsWith(
    t,
    'ERR_LOCAL_SOCKET_TIMEOUT',
    () => client.write(data, { timeout: 0 }),
    'write',
  )
  const part = error.bytesWritten ?? 0
  t.true(part > 0 && part < data.byteLength)
  t.is(sha256(await drain(server, part)), sha256(data.subarray(0, part)))
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_TORN', () => client.write('later'), 'a later write')
})

test('timeout 0 does not overtake a write that waits', async (t) => {
  const { client, server } = await pair(t)
  const sent = fill(client)
  const waiting = client.write('first')
  await rejectsWith(
    t,
    'ERR_LOCAL_SOCKET_TIMEOUT',
    () => client.write('second', { timeout: 0 }),
    'the second write',
  )
  await drain(server, sent)
  await within(waiting, PATIENCE_MS, 'the first write')
  t.is(text(await drain(server, 5)), 'first')
})

test('a buffer detached while its write waits rejects the write and leaves the others whole', async (t) => {
  const { client, server } = await pair(t)
  const sent = fill(client)
  const data = bytes(1000)
  const detached = failure(client.write(data), 'the write of a detached buffer')
  const behind = client.write('behind')
  await turns()
  structuredClone(data.buffer, { transfer: [data.buffer] })
  await drain(server, sent)
  const error = await detached
  t.is(error.code, 'ERR_LOCAL_SOCKET_DETACHED')
  t.is(error.bytesWritten ?? 0, 0)
  await within(behind, PATIENCE_MS, 'the write behind')
  t.is(text(await drain(server, 6)), 'behind')
})

test.serial(
  'a buffer detached when part of it has gone tells how much and tears the stream',
  async (t) => {
    const { client, server } = await pair(t)
    const data = bytes(4 * MIB)
    const whole = data.slice()
    const detached = failure(client.write(data), 'the write of a detached buffer')
    const behind = failure(client.write('behind'), 'the write behind')
    await turns()
    structuredClone(data.buffer, { transfer: [data.buffer] })
    const part = client.bytesWritten
    t.is(sha256(await drain(server, part)), sha256(whole.subarray(0, part)))
    const error = await detached
    t.is(error.code, 'ERR_LOCAL_SOCKET_DETACHED')
    t.is(error.bytesWritten, part)
    t.is((await behind).bytesWritten, 0)
    await rejectsWith(t, 'ERR_LOCAL_SOCKET_TORN', () => client.write('later'), 'a later write')
  },
)

test('an already detached buffer is refused or empty, and the stream stays whole', async (t) => {
  const { client, server } = await pair(t)
  const data = bytes(1000)
  structuredClone(data.buffer, { transfer: [data.buffer] })
  await client.write(data).catch((error: NodeJS.ErrnoException) => {
    t.is(error.code, 'ERR_LOCAL_SOCKET_DETACHED')
  })
  await client.write('whole')
  t.is(text(await within(server.read(), PATIENCE_MS, 'whole')), 'whole')
})

for (const [how, code] of [
  ['aborted', 'ABORT_ERR'],
  ['timed out', 'ERR_LOCAL_SOCKET_TIMEOUT'],
] as const) {
  test(`an end that is ${how} still follows what was written, and no write follows it`, async (t) => {
    const { client, server } = await pair(t)
    const sent = fill(client)
    const pending = client.write('pending')
    const abort = new AbortController()
    const options = how === 'aborted' ? { signal: abort.signal } : { timeout: 10 }
    const cancelled = failure(client.end(options), 'the cancelled end')
    await turns()
    abort.abort()
    t.is((await cancelled).code, code)
    await rejectsWith(t, 'ERR_LOCAL_SOCKET_ENDED', () => client.write('more'), 'write after end')
    await drain(server, sent)
    await within(pending, PATIENCE_MS, 'the pending write')
    t.is(text(await drain(server, 7)), 'pending')
    t.is(await within(server.read(), PATIENCE_MS, 'the end'), null)
    await within(client.end(), PATIENCE_MS, 'the next call of end')
  })
}

test('an end with timeout 0 that can not be at once fails and still follows what was written', async (t) => {
  const { client, server } = await pair(t)
  const sent = fill(client)
  const pending = client.write('pending')
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_TIMEOUT', () => client.end({ timeout: 0 }), 'end')
  const whole = await readAll(server)
  t.is(whole.length, sent + 7)
  await within(pending, PATIENCE_MS, 'the pending write')
})

test('end and close with an aborted signal do nothing', async (t) => {
  const { client, server } = await pair(t)
  const signal = AbortSignal.abort('no')
  assertAbortError(t, await failure(client.end({ signal }), 'end'), 'no')
  assertAbortError(t, await failure(client.close({ signal }), 'close'), 'no')
  t.false(client.closed)
  await client.write('still open')
  t.is(text(await within(server.read(), PATIENCE_MS, 'still open')), 'still open')
})

test('end and close with timeout 0 succeed where nothing is waiting to be sent', async (t) => {
  const { client, server } = await pair(t)
  await client.write('x')
  await client.end({ timeout: 0 })
  t.is((await readAll(server)).length, 1)
  await client.close({ timeout: 0 })
  t.true(client.closed)
})
