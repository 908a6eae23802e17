import test from 'ava'
import { LocalSocketError, RecvHalf, SendHalf, Stream } from 'local-socket'

import { bytes, sha256, text } from './helpers/checksum.js'
import { failure, rejectsWith, throwsWith } from './helpers/failures.js'
import { fill, pair, readAll } from './helpers/pair.js'
import { windows } from './helpers/platform.js'
import { PATIENCE_MS, turns, within } from './helpers/within.js'

const MIB = 1024 * 1024

test('halves read and write at once, as a stream does', async (t) => {
  const { client, server } = await pair(t)
  const { recv, send } = client.split()
  t.true(recv instanceof RecvHalf)
  t.true(send instanceof SendHalf)
  const there = bytes(8 * MIB, 1)
  const back = bytes(8 * MIB, 2)
  const sending = send.write(there).then(() => send.end())
  const answering = server.write(back).then(() => server.end())
  const [atClient, atServer] = await Promise.all([readAll(recv), readAll(server)])
  t.is(atClient.digest, sha256(back))
  t.is(atServer.digest, sha256(there))
  await within(Promise.all([sending, answering]), PATIENCE_MS, 'both ends')
})

test('a half can do all that its direction of a stream can', async (t) => {
  const { client, server } = await pair(t)
  const { recv } = server.split()
  const { send } = client.split()
  t.is(recv.tryRead(), undefined)
  t.is(send.tryWrite('abcdef'), 6)
  t.is(text(await within(recv.readExact(2), PATIENCE_MS, 'ab')), 'ab')
  const memory = new Uint8Array(2)
  t.is(await within(recv.readInto(memory), PATIENCE_MS, 'cd'), 2)
  t.is(text(memory), 'cd')
  t.is(text(await within(recv.read(), PATIENCE_MS, 'ef')), 'ef')

  send.cork()
  const writes = [send.write('gh'), send.write('ij')]
  t.is(recv.tryRead(), undefined)
  send.uncork()
  await Promise.all(writes)
  for await (const chunk of recv) {
    t.is(text(chunk), 'ghij')
    break
  }
  await send.end()
  t.is(await within(recv.read(), PATIENCE_MS, 'the end'), null)
})

test('halves take the same wait options and refuse the same arguments', async (t) => {
  const { client } = await pair(t)
  const { recv, send } = client.split()
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_TIMEOUT', () => recv.read({ timeout: 0 }), 'read')
  await rejectsWith(
    t,
    'ERR_LOCAL_SOCKET_TIMEOUT',
    () => recv.readExact(1, { timeout: 5 }),
    'readExact',
  )
  const abort = new AbortController()
  const aborted = failure(recv.readInto(new Uint8Array(1), { signal: abort.signal }), 'readInto')
  abort.abort()
  t.is((await aborted).code, 'ABORT_ERR')
  fill(send)
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_TIMEOUT', () => send.write('x', { timeout: 5 }), 'write')
  await rejectsWith(t, 'ERR_OUT_OF_RANGE', () => recv.readExact(-1), 'readExact')
  await rejectsWith(t, 'ERR_INVALID_ARG_TYPE', () => send.write(5 as unknown as string), 'write')
})

test('a direct call on a stream that was split fails with ERR_LOCAL_SOCKET_LOCKED', async (t) => {
  const { client } = await pair(t)
  client.split()
  for (const [what, call] of [
    ['read', () => client.read()],
    ['readInto', () => client.readInto(new Uint8Array(1))],
    ['readExact', () => client.readExact(1)],
    ['write', () => client.write('x')],
    ['end', () => client.end()],
    ['for await', () => iterate(client)],
  ] as const) {
    await rejectsWith(t, 'ERR_LOCAL_SOCKET_LOCKED', call, `${what} of a split stream`)
  }
  for (const [what, call] of [
    ['tryRead', () => client.tryRead()],
    ['tryWrite', () => client.tryWrite('x')],
    ['cork', () => client.cork()],
    ['split', () => client.split()],
  ] as const) {
    throwsWith(t, 'ERR_LOCAL_SOCKET_LOCKED', call, `${what} of a split stream`)
  }
})

async function iterate(stream: Stream): Promise<void> {
  for await (const chunk of stream) throw new Error(`${chunk.byteLength} bytes of a split stream`)
}

test('what does not touch a direction still works on a stream that was split', async (t) => {
  const { client } = await pair(t)
  client.split()
  t.is(client.peer.pid, process.pid)
  t.is(client.fd >= 0, !windows)
  t.is(client.unref(), client)
  t.is(client.ref(), client)
  t.is(client.bytesRead, 0)
  t.false(client.closed)
})

test('operations that were under way at the split go on', async (t) => {
  const { client, server } = await pair(t)
  const read = client.readExact(4)
  const sent = fill(client)
  const write = client.write('tail')
  const { recv, send } = client.split()
  const readBehind = recv.readExact(4)
  const writeBehind = send.write('more')
  await server.write('12345678')
  t.is(text(await within(read, PATIENCE_MS, 'the read from before')), '1234')
  t.is(text(await within(readBehind, PATIENCE_MS, 'the read of the half')), '5678')
  await within(server.readExact(sent), PATIENCE_MS, 'what filled the socket')
  await within(Promise.all([write, writeBehind]), PATIENCE_MS, 'both writes')
  t.is(text(await within(server.readExact(8), PATIENCE_MS, 'both tails')), 'tailmore')
})

test('reunite gives a stream that works, and the halves no longer do', async (t) => {
  const { client, server } = await pair(t)
  const { recv, send } = client.split()
  await send.write('by half ')
  const whole = Stream.reunite(recv, send)
  t.true(whole instanceof Stream)
  await whole.write('by stream')
  t.is(text(await within(server.readExact(17), PATIENCE_MS, 'both')), 'by half by stream')
  await server.write('answer')
  t.is(text(await within(whole.read(), PATIENCE_MS, 'the answer')), 'answer')
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_LOCKED', () => recv.read(), 'read of an old half')
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_LOCKED', () => send.write('x'), 'write of an old half')
  throwsWith(t, 'ERR_LOCAL_SOCKET_LOCKED', () => recv.tryRead(), 'tryRead of an old half')
  throwsWith(t, 'ERR_LOCAL_SOCKET_LOCKED', () => send.tryWrite('x'), 'tryWrite of an old half')

  const again = whole.split()
  await again.send.write('once more')
  t.is(text(await within(server.read(), PATIENCE_MS, 'once more')), 'once more')
})

test('halves of different streams are not reunited and both stay usable', async (t) => {
  const one = await pair(t)
  const two = await pair(t)
  const first = one.client.split()
  const second = two.client.split()
  const error = throwsWith(
    t,
    'ERR_LOCAL_SOCKET_REUNITE',
    () => Stream.reunite(first.recv, second.send),
    'reunite',
  )
  t.true(error instanceof LocalSocketError)
  await second.send.write('still')
  t.is(text(await within(two.server.read(), PATIENCE_MS, 'still')), 'still')
  await one.server.write('working')
  t.is(text(await within(first.recv.read(), PATIENCE_MS, 'working')), 'working')
  t.true(Stream.reunite(first.recv, first.send) instanceof Stream)
  t.true(Stream.reunite(second.recv, second.send) instanceof Stream)
})

test('a half that was used up by one reunite is no half for another', async (t) => {
  const { client } = await pair(t)
  const { recv, send } = client.split()
  Stream.reunite(recv, send)
  throwsWith(t, 'ERR_LOCAL_SOCKET_LOCKED', () => Stream.reunite(recv, send), 'the second reunite')
})

test('closing the sending half tells the peer the end and leaves the other half reading', async (t) => {
  const { client, server } = await pair(t)
  const { recv, send } = client.split()
  const data = bytes(2 * MIB)
  const written = send.write(data)
  const closed = send.close()
  t.is((await readAll(server)).digest, sha256(data))
  await within(Promise.all([written, closed]), PATIENCE_MS, 'the close of the half')
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_CLOSED', () => send.write('x'), 'write of a closed half')
  t.false(client.closed)
  await server.write('answer')
  t.is(text(await within(recv.read(), PATIENCE_MS, 'the answer')), 'answer')
})

test('closing the receiving half rejects its reads and leaves the other half writing', async (t) => {
  const { client, server } = await pair(t)
  const { recv, send } = client.split()
  const waiting = failure(recv.read(), 'a read under close')
  await turns()
  await recv.close()
  t.is((await waiting).code, 'ERR_LOCAL_SOCKET_CLOSED')
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_CLOSED', () => recv.read(), 'read of a closed half')
  t.false(client.closed)
  await send.write('still writing')
  t.is(text(await within(server.read(), PATIENCE_MS, 'still writing')), 'still writing')
})

test('closing both halves closes the stream, in either order and more than once', async (t) => {
  for (const order of ['send first', 'recv first'] as const) {
    const { client, server } = await pair(t)
    const { recv, send } = client.split()
    await send.write(order)
    const halves = order === 'send first' ? [send, recv] : [recv, send]
    for (const half of halves) await half.close()
    t.true(client.closed)
    for (const half of halves) await half.close()
    const { digest } = await readAll(server)
    t.is(digest, sha256(order))
    await rejectsWith(t, 'EPIPE', () => server.write('x'), 'write to a closed stream')
  }
})

test('closing or destroying the stream ends the work of both halves', async (t) => {
  const one = await pair(t)
  const first = one.client.split()
  const read = failure(first.recv.read(), 'read of a half under close')
  await one.client.close()
  t.is((await read).code, 'ERR_LOCAL_SOCKET_CLOSED')
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_CLOSED', () => first.send.write('x'), 'write of a half')

  const two = await pair(t)
  const second = two.client.split()
  fill(second.send)
  const write = failure(second.send.write('x'), 'write of a half under destroy')
  two.client.destroy()
  t.is((await write).code, 'ERR_LOCAL_SOCKET_CLOSED')
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_CLOSED', () => second.recv.read(), 'read of a half')
})

test('await using closes halves at the end of their block', async (t) => {
  const { client, server } = await pair(t)
  {
    const halves = client.split()
    await using send = halves.send
    await using recv = halves.recv
    await send.write('bye')
    t.is(recv.tryRead(), undefined)
  }
  t.true(client.closed)
  t.is((await readAll(server)).digest, sha256('bye'))
})
