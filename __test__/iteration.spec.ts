import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as delay } from 'node:timers/promises'

import test from 'ava'

import { text } from './helpers/checksum.js'
import { failure } from './helpers/failures.js'
import { pair } from './helpers/pair.js'
import { PATIENCE_MS, turns, within } from './helpers/within.js'

test('break in for await leaves the stream open for the next reader', async (t) => {
  const { client, server } = await pair(t)
  await client.write('first')
  for await (const chunk of server) {
    t.is(text(chunk), 'first')
    break
  }
  t.false(server.closed)
  await client.write('second')
  for await (const chunk of server) {
    t.is(text(chunk), 'second')
    break
  }
  await client.write('third')
  t.is(text(await within(server.read(), PATIENCE_MS, 'third')), 'third')
})

test('a for await that waits when its stream is closed does not hang', async (t) => {
  const { client } = await pair(t)
  const iterate = async (): Promise<void> => {
    for await (const chunk of client) t.fail(String(chunk))
  }
  const iterating = failure(iterate(), 'for await under close')
  await turns()
  await client.close()
  t.is((await iterating).code, 'ERR_LOCAL_SOCKET_CLOSED')
})

test('an iteration keeps its async context from chunk to chunk', async (t) => {
  const context = new AsyncLocalStorage<number>()
  const { client, server } = await pair(t)
  const seen: (number | undefined)[] = []
  const iterating = context.run(42, async () => {
    for await (const chunk of server) {
      t.true(chunk.byteLength > 0)
      seen.push(context.getStore())
    }
  })
  for (let count = 0; count < 3; count += 1) {
    await client.write('x')
    await delay(2)
  }
  await client.end()
  await within(iterating, PATIENCE_MS, 'the end of the iteration')
  t.true(seen.length >= 1)
  t.true(seen.every((store) => store === 42))
})

test('an iteration and single reads share the stream in the order of their calls', async (t) => {
  const { client, server } = await pair(t)
  const iterator = server[Symbol.asyncIterator]()
  const first = iterator.next()
  const second = server.read()
  await client.write('a')
  t.is(text((await within(first, PATIENCE_MS, 'a')).value as Uint8Array), 'a')
  await client.write('b')
  t.is(text(await within(second, PATIENCE_MS, 'b')), 'b')
  await iterator.return?.(undefined)
  await client.write('c')
  t.is(text(await within(server.read(), PATIENCE_MS, 'c')), 'c')
})
