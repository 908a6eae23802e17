import test from 'ava'

import { text } from './helpers/checksum.js'
import { failure, type Failure } from './helpers/failures.js'
import { pair } from './helpers/pair.js'
import { PATIENCE_MS, turns, within } from './helpers/within.js'

test('a thousand reads that wait are served in order', async (t) => {
  const { client, server } = await pair(t)
  const reads = Array.from({ length: 1000 }, () => server.readExact(4))
  const sent = Array.from({ length: 1000 }, (_, index) => String(1000 + index))
  for (const part of sent) await client.write(part)
  const got = await within(Promise.all(reads), PATIENCE_MS, 'a thousand reads')
  t.deepEqual(
    got.map((chunk) => text(chunk)),
    sent,
  )
})

test('cancelling some of many waits leaves the order of the others', async (t) => {
  const { client, server } = await pair(t)
  const abort = new AbortController()
  const kept: Promise<Uint8Array>[] = []
  const cancelled: Promise<Failure>[] = []
  for (let index = 0; index < 300; index += 1) {
    if (index % 3 === 1) kept.push(server.readExact(3))
    else cancelled.push(failure(server.readExact(3, { signal: abort.signal }), 'readExact'))
  }
  await turns()
  abort.abort()
  for (const error of await Promise.all(cancelled)) t.is(error.code, 'ABORT_ERR')
  const sent = Array.from({ length: 100 }, (_, index) => String(100 + index))
  await client.write(sent.join(''))
  const got = await within(Promise.all(kept), PATIENCE_MS, 'the reads that were kept')
  t.deepEqual(
    got.map((chunk) => text(chunk)),
    sent,
  )
})

test('aborting some waits inside the callback of others is safe', async (t) => {
  const { client, server } = await pair(t)
  const one = new AbortController()
  const two = new AbortController()
  const waits = [one, two, one, two].map(({ signal }) =>
    failure(client.readExact(5, { signal }), 'readExact'),
  )
  one.signal.addEventListener('abort', () => two.abort('by the other'))
  one.abort('first')
  const errors = await Promise.all(waits)
  t.deepEqual(
    errors.map((error) => error.cause),
    ['first', 'by the other', 'first', 'by the other'],
  )
  await server.write('kept')
  t.is(text(await within(client.read(), PATIENCE_MS, 'kept')), 'kept')
})

test('what was waiting in vain is not kept when it was cancelled a thousand times', async (t) => {
  const { client, server } = await pair(t)
  for (let round = 0; round < 1000; round += 1) {
    const abort = new AbortController()
    const cancelled = failure(client.read({ signal: abort.signal }), 'read')
    abort.abort()
    await cancelled
  }
  await server.write('x')
  t.is(text(await within(client.read(), PATIENCE_MS, 'x')), 'x')
})
