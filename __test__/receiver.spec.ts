import { setTimeout as delay } from 'node:timers/promises'

import test from 'ava'

import { bytes, sha256, text } from './helpers/checksum.js'
import { assertAbortError, failure, rejectsWith } from './helpers/failures.js'
import { pair } from './helpers/pair.js'
import { PATIENCE_MS, turns, within } from './helpers/within.js'

const KIB = 1024
const MIB = 1024 * KIB

test('reads of every kind are served in the order in which they were called', async (t) => {
  const { client, server } = await pair(t)
  const into = new Uint8Array(3)
  const order: string[] = []
  const note = (mark: string) => (): void => void order.push(mark)
  const reads = [
    server.readExact(2).then((chunk) => `exact ${text(chunk)}`),
    server.readInto(into).then((count) => `into ${count} ${text(into)}`),
    server.readExact(1).then((chunk) => `exact ${text(chunk)}`),
    server.read().then((chunk) => `read ${text(chunk)}`),
  ]
  for (const [index, read] of reads.entries()) void read.then(note(String(index)))
  await turns()
  await client.write('aabbbcdd')
  t.deepEqual(await within(Promise.all(reads), PATIENCE_MS, 'all reads'), [
    'exact aa',
    'into 3 bbb',
    'exact c',
    'read dd',
  ])
  t.deepEqual(order, ['0', '1', '2', '3'])
})

test('read gives what is there, a Uint8Array and no Buffer', async (t) => {
  const { client, server } = await pair(t)
  await client.write('abc')
  const chunk = await within(server.read(), PATIENCE_MS, 'abc')
  t.is(text(chunk), 'abc')
  t.true(chunk instanceof Uint8Array)
  t.false(Buffer.isBuffer(chunk))
  t.true(chunk?.buffer instanceof ArrayBuffer)
})

test('a read with an aborted signal takes nothing, even where bytes are waiting', async (t) => {
  const { client, server } = await pair(t)
  await client.write('kept')
  await turns()
  const signal = AbortSignal.abort('no')
  const memory = new Uint8Array(4)
  for (const read of [
    server.read({ signal }),
    server.readInto(memory, { signal }),
    server.readExact(4, { signal }),
  ]) {
    assertAbortError(t, await failure(read, 'a read with an aborted signal'), 'no')
  }
  t.deepEqual([...memory], [0, 0, 0, 0])
  t.is(text(await server.read()), 'kept')
})

test('timeout 0 reads what is there at this moment, without an event in between', async (t) => {
  const { client, server } = await pair(t)
  t.is(client.tryWrite('123456'), 6)
  const memory = new Uint8Array(2)
  t.is(await server.readInto(memory, { timeout: 0 }), 2)
  t.is(text(memory), '12')
  t.is(text(await server.readExact(2, { timeout: 0 })), '34')
  t.is(text(await server.read({ timeout: 0 })), '56')
})

test('timeout 0 with nothing there fails at once and takes nothing', async (t) => {
  const { client, server } = await pair(t)
  const now = { timeout: 0 }
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_TIMEOUT', () => server.read(now), 'read')
  await rejectsWith(
    t,
    'ERR_LOCAL_SOCKET_TIMEOUT',
    () => server.readInto(new Uint8Array(1), now),
    'readInto',
  )
  t.is(client.tryWrite('abc'), 3)
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_TIMEOUT', () => server.readExact(4, now), 'readExact')
  t.is(text(await server.readExact(3, now)), 'abc')
  await client.end()
  t.is(await within(server.read(), PATIENCE_MS, 'the end'), null)
  t.is(await server.read(now), null)
})

test('timeout 0 does not overtake a read that waits', async (t) => {
  const { client, server } = await pair(t)
  const first = server.readExact(3)
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_TIMEOUT', () => server.read({ timeout: 0 }), 'read')
  await client.write('abc')
  t.is(text(await within(first, PATIENCE_MS, 'the read that waited')), 'abc')
})

test('tryRead answers with a chunk, with undefined for nothing yet and with null for the end', async (t) => {
  const { client, server } = await pair(t)
  t.is(server.tryRead(), undefined)
  t.is(client.tryWrite('now'), 3)
  t.is(text(server.tryRead()), 'now')
  t.is(server.tryRead(), undefined)
  await client.end()
  t.is(server.tryRead(), null)
  t.is(server.tryRead(), null)
})

test('tryRead does not overtake a read that waits', async (t) => {
  const { client, server } = await pair(t)
  const first = server.read()
  t.is(client.tryWrite('mine'), 4)
  t.is(server.tryRead(), undefined)
  t.is(text(await within(first, PATIENCE_MS, 'the read that waited')), 'mine')
})

test('tryRead in a loop sees everything without a turn of the event loop', async (t) => {
  const { client, server } = await pair(t)
  const data = bytes(4 * MIB)
  const got: Uint8Array[] = []
  let offset = 0
  while (offset < data.byteLength) {
    offset += client.tryWrite(data.subarray(offset))
    for (let chunk = server.tryRead(); chunk; chunk = server.tryRead()) got.push(chunk)
  }
  t.is(sha256(...got), sha256(data))
})

// Serial, and a second, so that nothing keeps the loop busy until the timeout runs out.
test.serial('a timeout that runs out after its read has succeeded changes nothing', async (t) => {
  const { client, server } = await pair(t)
  const first = server.readExact(1, { timeout: 1_000 })
  const second = server.readExact(1)
  await client.write('a')
  t.is(text(await within(first, PATIENCE_MS, 'a')), 'a')
  await delay(1_050)
  const third = server.readExact(1)
  await client.write('bc')
  t.is(text(await within(second, PATIENCE_MS, 'b')), 'b')
  t.is(text(await within(third, PATIENCE_MS, 'c')), 'c')
})
