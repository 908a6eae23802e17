import test from 'ava'
import type { Stream } from 'local-socket'

import { bytes, joined, sha256, text } from './helpers/checksum.js'
import { failure } from './helpers/failures.js'
import { fill, pair, readAll } from './helpers/pair.js'
import { PATIENCE_MS, eventually, turns, within } from './helpers/within.js'

const MIB = 1024 * 1024

/** Reads as many bytes as were sent. */
async function drain(stream: Stream, length: number): Promise<Uint8Array> {
  return within(stream.readExact(length), PATIENCE_MS, `${length} bytes`)
}

// Serial, like others here that expect something at once: tests at the same time share the turn.
test.serial('a write is with the kernel when the call returns, if there is room', async (t) => {
  const { client, server } = await pair(t)
  const written = client.write('request')
  // No turn of the loop in between: a blocking call could follow.
  t.is(text(server.tryRead()), 'request')
  await written
})

test('writes arrive in the order of the calls, whether or not they are awaited', async (t) => {
  const { client, server } = await pair(t)
  const parts = Array.from({ length: 400 }, (_, index) => bytes(1 + ((index * 811) % 9000), index))
  const writes = parts.map((part) => client.write(part))
  const ended = client.end()
  t.is((await readAll(server)).digest, sha256(...parts))
  await within(Promise.all([...writes, ended]), PATIENCE_MS, 'all writes')
})

test('writes settle in the order of the calls', async (t) => {
  const { client, server } = await pair(t)
  const order: number[] = []
  const sizes = [300_000, 1, 0, 200_000, 5, 65_536]
  const writes = sizes.map((size, index) =>
    client.write(bytes(size)).then(() => void order.push(index)),
  )
  await drain(
    server,
    sizes.reduce((sum, size) => sum + size, 0),
  )
  await within(Promise.all(writes), PATIENCE_MS, 'all writes')
  t.deepEqual(order, [0, 1, 2, 3, 4, 5])
})

test('an empty write resolves and sends nothing', async (t) => {
  const { client, server } = await pair(t)
  await client.write('')
  await client.write(new Uint8Array(0))
  t.is(client.tryWrite(''), 0)
  t.is(server.tryRead(), undefined)
  t.is(client.bytesWritten, 0)
})

test('strings are sent as UTF-8', async (t) => {
  const { client, server } = await pair(t)
  const poem = 'Straße, 漢字, 🧦, \u0000 and the end'
  await client.write(poem)
  await client.end()
  t.is((await readAll(server)).digest, sha256(Buffer.from(poem, 'utf8')))
})

test('long strings with characters of every width arrive whole', async (t) => {
  const { client, server } = await pair(t)
  const poem = 'aß漢🧦'.repeat(200_000)
  const written = client.write(poem)
  const ended = client.end()
  t.deepEqual(await readAll(server), {
    length: Buffer.byteLength(poem),
    digest: sha256(Buffer.from(poem)),
  })
  await Promise.all([written, ended])
})

test('what was written may be changed as soon as its promise has settled', async (t) => {
  const { client, server } = await pair(t)
  const buffer = new Uint8Array(1 * MIB)
  const received = readAll(server)
  const expected: Uint8Array[] = []
  for (let round = 0; round < 8; round += 1) {
    buffer.set(bytes(MIB, round))
    expected.push(buffer.slice())
    await within(client.write(buffer), PATIENCE_MS, 'the write')
    buffer.fill(0)
  }
  await client.end()
  t.is((await received).digest, sha256(...expected))
})

test('tryWrite takes what fits, then 0, and takes again when the peer has read', async (t) => {
  const { client, server } = await pair(t)
  const data = bytes(8 * MIB)
  const first = client.tryWrite(data)
  t.true(first > 0 && first < data.byteLength, `${first} bytes were taken`)
  let sent = first
  for (let more = client.tryWrite(data.subarray(sent)); more > 0;) {
    sent += more
    more = client.tryWrite(data.subarray(sent))
  }
  t.is(client.tryWrite('x'), 0)
  t.is(client.bytesWritten, sent)
  t.is(sha256(await drain(server, sent)), sha256(data.subarray(0, sent)))
  // On Windows another thread tells that what was under way has been read.
  await eventually(() => client.tryWrite('again') > 0, PATIENCE_MS, 'room')
})

test('tryWrite does not overtake a write that waits', async (t) => {
  const { client, server } = await pair(t)
  const sent = fill(client)
  const waiting = client.write('first')
  t.is(client.tryWrite('second'), 0)
  await drain(server, sent)
  await within(waiting, PATIENCE_MS, 'the write that waited')
  t.is(client.tryWrite('second'), 6)
  t.is(text(await drain(server, 11)), 'firstsecond')
})

test('tryWrite of a string never splits what it could not take', async (t) => {
  const { client, server } = await pair(t)
  const taken = client.tryWrite('漢字')
  t.is(taken, 6)
  t.is(text(await drain(server, 6)), '漢字')
})

test.serial('corked writes leave together at uncork', async (t) => {
  const { client, server } = await pair(t)
  client.cork()
  const writes = [client.write('head '), client.write('body '), client.write('foot')]
  t.is(client.tryWrite('not now'), 0)
  await turns(5)
  t.is(server.tryRead(), undefined)
  client.uncork()
  t.is(text(server.tryRead()), 'head body foot')
  await within(Promise.all(writes), PATIENCE_MS, 'the corked writes')
})

test('corks nest, and an uncork too many does no harm', async (t) => {
  const { client, server } = await pair(t)
  client.cork()
  client.cork()
  const write = client.write('inner')
  client.uncork()
  await turns()
  t.is(server.tryRead(), undefined)
  client.uncork()
  await within(write, PATIENCE_MS, 'the corked write')
  t.notThrows(() => client.uncork())
  await client.write(' outer')
  t.is(text(await drain(server, 11)), 'inner outer')
})

test('more corked writes than one system call takes arrive in order', async (t) => {
  const { client, server } = await pair(t)
  client.cork()
  const parts = Array.from({ length: 1500 }, (_, index) => bytes(1 + (index % 700), index))
  const writes = parts.map((part) => client.write(part))
  client.uncork()
  const length = parts.reduce((sum, part) => sum + part.byteLength, 0)
  t.is(sha256(await drain(server, length)), sha256(joined(parts)))
  await within(Promise.all(writes), PATIENCE_MS, 'the corked writes')
})

test('end and close send what is corked', async (t) => {
  const one = await pair(t)
  one.client.cork()
  const write = one.client.write('at the end')
  await within(one.client.end(), PATIENCE_MS, 'end of a corked stream')
  await write
  t.is((await readAll(one.server)).digest, sha256('at the end'))

  const two = await pair(t)
  two.client.cork()
  const last = two.client.write('at the close')
  await within(two.client.close(), PATIENCE_MS, 'close of a corked stream')
  await last
  t.is((await readAll(two.server)).digest, sha256('at the close'))
})

test('a corked write can be cancelled and is then not sent', async (t) => {
  const { client, server } = await pair(t)
  const abort = new AbortController()
  client.cork()
  const kept = client.write('kept')
  const cancelled = failure(client.write('never', { signal: abort.signal }), 'a corked write')
  abort.abort()
  t.is((await cancelled).code, 'ABORT_ERR')
  client.uncork()
  await kept
  await client.end()
  t.is((await readAll(server)).digest, sha256('kept'))
})

test('a write of 0 bytes behind others settles after them', async (t) => {
  const { client, server } = await pair(t)
  const sent = fill(client)
  let settled = false
  const empty = client.write('').then(() => (settled = true))
  const first = client.write('x')
  const last = client.write('').then(() => settled)
  await drain(server, sent + 1)
  await within(Promise.all([empty, first, last]), PATIENCE_MS, 'the writes')
  t.true(await last)
})
