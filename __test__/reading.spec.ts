import test from 'ava'
import type { Stream } from 'local-socket'

import { bytes, joined, sha256, text } from './helpers/checksum.js'
import { assertAbortError, failure } from './helpers/failures.js'
import { pair } from './helpers/pair.js'
import { windows } from './helpers/platform.js'
import { PATIENCE_MS, eventually, turns, within } from './helpers/within.js'

const KIB = 1024
const MIB = 1024 * KIB

/** Has bytes wait at the server for a read to take them at its call, before any timeout can run out. */
async function here(client: Stream, server: Stream, message: string): Promise<void> {
  await client.write(`-${message}`)
  // Once something has come, what is left can be read at once.
  await within(server.readExact(1), PATIENCE_MS, 'the first byte')
}

for (const [how, cancel] of [
  ['aborted', 'ABORT_ERR'],
  ['timed out', 'ERR_LOCAL_SOCKET_TIMEOUT'],
] as const) {
  const options = (): { wait: { signal?: AbortSignal; timeout?: number }; act: () => void } => {
    if (how === 'timed out') return { wait: { timeout: 20 }, act: () => undefined }
    const abort = new AbortController()
    return { wait: { signal: abort.signal }, act: () => abort.abort() }
  }

  test.serial(`a read that is ${how} took nothing`, async (t) => {
    const { client, server } = await pair(t)
    const { wait, act } = options()
    const cancelled = failure(server.read(wait), 'read')
    await turns()
    act()
    t.is((await cancelled).code, cancel)
    await client.write('kept')
    t.is(text(await within(server.read(), PATIENCE_MS, 'kept')), 'kept')
  })

  test.serial(
    `a readInto that is ${how} took nothing and leaves the memory as it was`,
    async (t) => {
      const { client, server } = await pair(t)
      const { wait, act } = options()
      const memory = new Uint8Array(8).fill(0xaa)
      const cancelled = failure(server.readInto(memory, wait), 'readInto')
      await turns()
      act()
      t.is((await cancelled).code, cancel)
      await client.write('kept')
      t.is(text(await within(server.read(), PATIENCE_MS, 'kept')), 'kept')
      t.true(memory.every((byte) => byte === 0xaa))
    },
  )

  test.serial(`a readExact that is ${how} leaves what had arrived for the next read`, async (t) => {
    const { client, server } = await pair(t)
    const { wait, act } = options()
    await here(client, server, 'some')
    const cancelled = failure(server.readExact(10, wait), 'readExact')
    t.is(server.bytesRead, 5, 'some has been taken')
    await turns()
    act()
    const error = await cancelled
    t.is(error.code, cancel)
    t.is(error.received, undefined)
    await client.write(' and more')
    const first = await within(server.read(), PATIENCE_MS, 'the bytes that were given back')
    t.is(text(first), 'some')
    t.is(text(await within(server.read(), PATIENCE_MS, 'the bytes behind')), ' and more')
  })

  test.serial(`a read behind one that is ${how} gets its turn`, async (t) => {
    const { client, server } = await pair(t)
    const { wait, act } = options()
    await here(client, server, 'abc')
    const cancelled = failure(server.readExact(10, wait), 'readExact')
    t.is(server.bytesRead, 4, 'abc has been taken')
    const behind = server.readExact(6)
    await turns()
    act()
    t.is((await cancelled).code, cancel)
    await client.write('def')
    t.is(text(await within(behind, PATIENCE_MS, 'the read behind')), 'abcdef')
  })
}

test('what a cancelled readExact left is served first to every way of reading', async (t) => {
  const { client, server } = await pair(t)
  const leave = async (left: string): Promise<void> => {
    const before = server.bytesRead
    const abort = new AbortController()
    const cancelled = failure(server.readExact(100, { signal: abort.signal }), 'readExact')
    await client.write(left)
    await eventually(
      () => server.bytesRead === before + left.length,
      PATIENCE_MS,
      `${left} to have been taken`,
    )
    abort.abort()
    assertAbortError(t, await cancelled, abort.signal.reason)
  }
  await leave('one')
  t.is(text(server.tryRead()), 'one')
  t.is(server.tryRead(), undefined)

  await leave('two')
  const memory = new Uint8Array(2)
  t.is(await server.readInto(memory), 2)
  t.is(text(memory), 'tw')
  t.is(await server.readInto(memory), 1)
  t.is(text(memory.subarray(0, 1)), 'o')

  await leave('three')
  t.is(text(await server.readExact(4)), 'thre')
  t.is(text(await server.read({ timeout: 0 })), 'e')

  await leave('four')
  await client.write('+five')
  t.is(text(await within(server.readExact(9), PATIENCE_MS, 'both parts')), 'four+five')

  await leave('six')
  await leave('seven')
  await client.end()
  const rest: Uint8Array[] = []
  for await (const chunk of server) rest.push(chunk)
  t.is(text(joined(rest)), 'sixseven')
})

test('bytes that a cancelled readExact left come before the end', async (t) => {
  const { client, server } = await pair(t)
  const abort = new AbortController()
  const cancelled = failure(server.readExact(10, { signal: abort.signal }), 'readExact')
  await client.write('last')
  await eventually(() => server.bytesRead === 4, PATIENCE_MS, 'last to have been taken')
  abort.abort()
  await cancelled
  await client.close()
  t.is(text(await within(server.read(), PATIENCE_MS, 'last')), 'last')
  t.is(await within(server.read(), PATIENCE_MS, 'the end'), null)
})

test('readExact of a stream that ends early tells what had arrived', async (t) => {
  const { client, server } = await pair(t)
  const waiting = failure(server.readExact(10), 'readExact')
  await client.write('only')
  await turns()
  await client.end()
  const error = await waiting
  t.is(error.code, 'ERR_LOCAL_SOCKET_UNEXPECTED_END')
  t.is(text(error.received), 'only')
  t.regex(error.message, /4.*10|10.*4/)
  const nothing = await failure(server.readExact(1), 'readExact after the end')
  t.is(nothing.code, 'ERR_LOCAL_SOCKET_UNEXPECTED_END')
  t.is(nothing.received?.byteLength, 0)
  t.is(await server.read(), null)
})

test('readExact of a broken stream tells what had arrived', async (t) => {
  const { client, server } = await pair(t)
  const waiting = failure(server.readExact(10), 'readExact')
  await server.write('unread')
  await client.write('some')
  await eventually(() => server.bytesRead === 4, PATIENCE_MS, 'some to have been taken')
  client.destroy()
  const error = await waiting
  // A pipe does not tell that what it held was never read.
  t.is(error.code, windows ? 'ERR_LOCAL_SOCKET_UNEXPECTED_END' : 'ECONNRESET')
  t.is(text(error.received), 'some')
})

test('readExact of nothing gives nothing at once, also at the end', async (t) => {
  const { client, server } = await pair(t)
  t.is((await server.readExact(0)).byteLength, 0)
  t.is((await server.readExact(0, { timeout: 0 })).byteLength, 0)
  await client.end()
  t.is(await within(server.read(), PATIENCE_MS, 'the end'), null)
  t.is((await server.readExact(0)).byteLength, 0)
})

// Serial, since what other tests take at the same time would be counted too.
test.serial('readExact takes memory by what arrives and not by what was asked for', async (t) => {
  const { client, server } = await pair(t)
  const before = process.memoryUsage().arrayBuffers
  const waiting = failure(server.readExact(2 ** 32 - 1), 'readExact of 4 GiB')
  await client.write(bytes(100 * KIB))
  await eventually(() => server.bytesRead === 100 * KIB, PATIENCE_MS, 'all to have been taken')
  await client.end()
  const error = await waiting
  t.is(error.code, 'ERR_LOCAL_SOCKET_UNEXPECTED_END')
  t.is(error.received?.byteLength, 100 * KIB)
  t.true(process.memoryUsage().arrayBuffers - before < 64 * MIB)
})

test('readExact collects far more than the kernel holds', async (t) => {
  const { client, server } = await pair(t)
  const data = bytes(16 * MIB)
  const written = client.write(data)
  const whole = await within(server.readExact(16 * MIB), 2 * PATIENCE_MS, '16 MiB')
  t.is(sha256(whole), sha256(data))
  await within(written, PATIENCE_MS, 'the write')
})

test('readInto fills the part of the memory that its view covers, and no more', async (t) => {
  const { client, server } = await pair(t)
  const memory = new Uint8Array(12).fill(0x2e)
  await client.write('abcdefgh')
  t.is(await within(server.readInto(memory.subarray(2, 6)), PATIENCE_MS, 'four bytes'), 4)
  t.is(text(memory), '..abcd......')
  const waiting = server.readInto(Buffer.from(memory.buffer, 8, 4))
  t.is(await within(waiting, PATIENCE_MS, 'the rest'), 4)
  t.is(text(memory), '..abcd..efgh')
})

test('memory that is detached while readInto waits fails that read and takes nothing', async (t) => {
  const { client, server } = await pair(t)
  const memory = new Uint8Array(16)
  const waiting = failure(server.readInto(memory), 'readInto of detached memory')
  await turns()
  structuredClone(memory.buffer, { transfer: [memory.buffer] })
  await client.write('kept')
  t.is((await waiting).code, 'ERR_LOCAL_SOCKET_DETACHED')
  t.is(text(await within(server.read(), PATIENCE_MS, 'kept')), 'kept')
})
