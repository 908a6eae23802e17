/** Node's net at the other end: it reads and writes bytes, and its servers make pipes of bytes. */
import { once } from 'node:events'
import { connect as netConnect, createServer, type Server, type Socket } from 'node:net'

import test, { type ExecutionContext } from 'ava'
import type { Stream } from 'local-socket'

import { bytes, Checksum, joined, sha256, text } from '../helpers/checksum.js'
import { rejectsWith } from '../helpers/failures.js'
import { uniquePath } from '../helpers/names.js'
import { accepted, connected, listening } from '../helpers/pair.js'
import { PATIENCE_MS, turns, within } from '../helpers/within.js'

const MIB = 1024 * 1024

interface Ends {
  readonly stream: Stream
  readonly socket: Socket
}

/** A connection of which we have one end and net the other, in either role. */
const ROLES: Readonly<Record<string, (t: ExecutionContext) => Promise<Ends>>> = {
  client: async (t) => {
    const path = uniquePath(t)
    const listener = await listening(t, path)
    const socket = netConnect({ path, allowHalfOpen: true })
    t.teardown(() => socket.destroy())
    return { stream: await accepted(t, listener), socket }
  },
  server: async (t) => {
    const path = uniquePath(t)
    const server: Server = createServer({ allowHalfOpen: true })
    t.teardown(() => server.close())
    server.listen(path)
    await within(once(server, 'listening'), PATIENCE_MS, 'net to listen')
    const connection = once(server, 'connection') as Promise<[Socket]>
    const stream = await connected(t, path)
    const [socket] = await within(connection, PATIENCE_MS, 'the connection')
    t.teardown(() => socket.destroy())
    return { stream, socket }
  },
}

for (const [role, open] of Object.entries(ROLES)) {
  test(`10 MiB go both ways at once with a ${role} of net`, async (t) => {
    const { stream, socket } = await open(t)
    const there = bytes(10 * MIB, 1)
    const back = bytes(10 * MIB, 2)
    const sum = new Checksum()
    const all = new Promise<void>((resolve) => {
      socket.on('data', (chunk) => {
        sum.add(chunk)
        if (sum.length === there.byteLength) resolve()
      })
    })
    socket.write(back)
    const both = Promise.all([stream.readExact(back.byteLength), stream.write(there), all])
    const [received] = await within(both, 3 * PATIENCE_MS, '10 MiB each way')
    t.is(sha256(received), sha256(back))
    t.is(sum.digest(), sha256(there))
  })

  test(`bytes of a ${role} of net arrive as they were written, in pieces of every size`, async (t) => {
    const { stream, socket } = await open(t)
    const parts = Array.from({ length: 200 }, (_, index) =>
      bytes(1 + ((index * 997) % 9_001), index),
    )
    for (const part of parts) socket.write(part)
    const whole = joined(parts)
    const received = await within(stream.readExact(whole.byteLength), PATIENCE_MS, 'all pieces')
    t.is(sha256(received), sha256(whole))
  })

  test(`a ${role} of net that writes nothing has not ended`, async (t) => {
    const { stream, socket } = await open(t)
    socket.write('before')
    t.is(text(await within(stream.readExact(6), PATIENCE_MS, 'before')), 'before')
    for (let count = 0; count < 3; count += 1) {
      socket.write('')
      await turns(10)
    }
    socket.write('after')
    t.is(text(await within(stream.readExact(5), PATIENCE_MS, 'after')), 'after')
  })

  test(`end sends all to a ${role} of net, which sees the end when the stream closes`, async (t) => {
    const { stream, socket } = await open(t)
    const data = bytes(MIB, 3)
    const sum = new Checksum()
    socket.on('data', (chunk) => sum.add(chunk))
    const ended = once(socket, 'end')
    await within(Promise.all([stream.write(data), stream.end()]), PATIENCE_MS, 'end')
    await rejectsWith(t, 'ERR_LOCAL_SOCKET_ENDED', () => stream.write('x'), 'write after end')
    await stream.close()
    await within(ended, PATIENCE_MS, 'the end')
    t.is(sum.digest(), sha256(data))
  })

  test(`a ${role} of net that is gone is the end after what it had sent`, async (t) => {
    const { stream, socket } = await open(t)
    const closed = once(socket, 'close')
    socket.end('my last words')
    t.is(text(await within(stream.readExact(13), PATIENCE_MS, 'the last words')), 'my last words')
    t.is(await within(stream.read(), PATIENCE_MS, 'the end'), null)
    socket.destroy()
    await within(closed, PATIENCE_MS, 'net to close')
    t.is(await stream.read(), null)
    await rejectsWith(t, 'EPIPE', () => stream.write('x'), 'write')
  })
}

test('net is refused like anybody else: by a connection that ends', async (t) => {
  const path = uniquePath(t)
  const listener = await listening(t, path, { allow: () => false })
  listener.accept().catch(() => undefined)
  const socket = netConnect(path)
  t.teardown(() => socket.destroy())
  socket.on('error', () => undefined).resume()
  await within(once(socket, 'close'), PATIENCE_MS, 'the end')
  t.is(listener.refused, 1)
})
