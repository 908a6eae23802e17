import test from 'ava'
import { framed } from 'local-socket/framed'

import { bytes, sha256, text } from './helpers/checksum.js'
import { failure, rejectsWith, throwsWith } from './helpers/failures.js'
import { frame, halfFramed } from './helpers/framed.js'
import { fill, pair, readAll } from './helpers/pair.js'
import { PATIENCE_MS, turns, within } from './helpers/within.js'

const MIB = 1024 * 1024

test('fd is -1, since a pipe has a handle and no descriptor', async (t) => {
  const { client, server, listener } = await pair(t)
  t.deepEqual([client.fd, server.fd, listener.fd], [-1, -1, -1])
})

for (const [who, swap] of [
  ['client', false],
  ['server', true],
] as const) {
  test(`a ${who} that has ended still gets the whole answer`, async (t) => {
    const both = await pair(t)
    const [ends, answers] = swap ? [both.server, both.client] : [both.client, both.server]
    const question = bytes(3 * MIB, 1)
    const answer = bytes(3 * MIB, 2)
    const asked = Promise.all([ends.write(question), ends.end()])
    t.deepEqual(await readAll(answers), { length: 3 * MIB, digest: sha256(question) })
    await within(asked, PATIENCE_MS, 'the end')
    t.is(answers.tryRead(), null)
    t.is(await answers.read(), null)
    const answered = Promise.all([answers.write(answer), answers.end()])
    t.deepEqual(await readAll(ends), { length: 3 * MIB, digest: sha256(answer) })
    await within(answered, PATIENCE_MS, 'the answer')
    throwsWith(t, 'ERR_LOCAL_SOCKET_ENDED', () => ends.tryWrite('x'), 'tryWrite')
  })
}

test('both ends may end, and then each reads what the other had sent', async (t) => {
  const { client, server } = await pair(t)
  await client.write('from the client')
  await server.write('from the server')
  await within(Promise.all([client.end(), server.end()]), PATIENCE_MS, 'both ends')
  t.is((await readAll(client)).digest, sha256('from the server'))
  t.is((await readAll(server)).digest, sha256('from the client'))
})

test('writes of nothing are no end, however many', async (t) => {
  const { client, server } = await pair(t)
  for (let count = 0; count < 50; count += 1) {
    await client.write('')
    await server.write(new Uint8Array(0))
    t.is(client.tryWrite(''), 0)
  }
  await client.write('still here')
  t.is(text(await within(server.read(), PATIENCE_MS, 'still here')), 'still here')
  await server.write('so am I')
  t.is(text(await within(client.read(), PATIENCE_MS, 'the answer')), 'so am I')
})

test('messages of the pipe do not show: reads take several of them, and parts', async (t) => {
  const { client, server } = await pair(t)
  for (const part of ['ab', 'cde', 'f', 'ghij', 'kl']) await client.write(part)
  t.is(text(await within(server.readExact(4), PATIENCE_MS, 'abcd')), 'abcd')
  t.is(text(await within(server.readExact(4), PATIENCE_MS, 'efgh')), 'efgh')
  let rest = ''
  const memory = new Uint8Array(3)
  while (rest.length < 4) {
    const count = (await within(server.readInto(memory), PATIENCE_MS, 'the rest')) ?? 0
    rest += text(memory.subarray(0, count))
  }
  t.is(rest, 'ijkl')
  t.is(server.tryRead(), undefined)
})

test('10 MiB go both ways at once', async (t) => {
  const { client, server } = await pair(t)
  const there = bytes(10 * MIB, 3)
  const back = bytes(10 * MIB, 4)
  const [atClient, atServer] = await within(
    Promise.all([
      readAll(client),
      readAll(server),
      client.write(there).then(() => client.end()),
      server.write(back).then(() => server.end()),
    ]),
    3 * PATIENCE_MS,
    '10 MiB each way',
  )
  t.deepEqual(atServer, { length: 10 * MIB, digest: sha256(there) })
  t.deepEqual(atClient, { length: 10 * MIB, digest: sha256(back) })
})

test('a peer that closes with unread data is the end after the bytes that it sent', async (t) => {
  const { client, server } = await pair(t)
  await client.write('never read')
  await server.write('my last words')
  await server.close()
  t.is(text(await within(client.read(), PATIENCE_MS, 'the last words')), 'my last words')
  t.is(await within(client.read(), PATIENCE_MS, 'the end'), null)
  t.is(client.tryRead(), null)
  await rejectsWith(t, 'EPIPE', () => client.write('x'), 'write')
})

test('reads that wait when the peer closes with unread data get the end', async (t) => {
  const { client, server } = await pair(t)
  await client.write('never read')
  const reads = [client.read(), client.readInto(new Uint8Array(4))]
  await turns()
  await server.close()
  t.deepEqual(await within(Promise.all(reads), PATIENCE_MS, 'the ends'), [null, null])
})

test('close waits for what the peer has not read, up to its timeout', async (t) => {
  const { client, server } = await pair(t)
  const sent = fill(client)
  const rest = failure(client.write(bytes(MIB)), 'the write that nobody reads')
  const began = performance.now()
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_TIMEOUT', () => client.close({ timeout: 100 }), 'close')
  t.true(performance.now() - began < PATIENCE_MS)
  t.is((await rest).code, 'ERR_LOCAL_SOCKET_CLOSED')
  // What had been taken is not lost with the handle.
  t.is((await readAll(server)).length, sent)
})

test('close without a timeout waits until the peer has taken all', async (t) => {
  const { client, server } = await pair(t)
  const data = bytes(2 * MIB, 5)
  void client.write(data)
  let closed = false
  const closing = client.close().then(() => (closed = true))
  await turns(20)
  t.false(closed)
  t.deepEqual(await readAll(server), { length: 2 * MIB, digest: sha256(data) })
  await within(closing, PATIENCE_MS, 'the close')
})

test('a connection that is gone between two messages is an end, in the middle of one an error', async (t) => {
  const whole = await halfFramed(t)
  whole.messages.send('never read')
  await whole.raw.write(frame('sent before'))
  whole.raw.destroy()
  t.is(text(await within(whole.messages.receive(), PATIENCE_MS, 'a message')), 'sent before')
  t.is(await within(whole.messages.receive(), PATIENCE_MS, 'the end'), null)

  const { client, server } = await pair(t)
  const messages = framed(server)
  messages.send('never read')
  await client.write(frame('cut short').subarray(0, 8))
  client.destroy()
  const error = await failure(messages.receive(), 'receive')
  t.is(error.code, 'ERR_LOCAL_SOCKET_UNEXPECTED_END')
})
