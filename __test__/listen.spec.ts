import { getEventListeners } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { getSystemErrorName } from 'node:util'

import test from 'ava'
import { connect, listen, type Stream } from 'local-socket'

import { assertAbortError, failure, rejectsWith } from './helpers/failures.js'
import { isTaken, uniqueFolder, uniqueName, uniquePath } from './helpers/names.js'
import { accepted, connected, listening } from './helpers/pair.js'
import { notUnderWine, unixTest } from './helpers/tests.js'
import { PATIENCE_MS, within } from './helpers/within.js'

notUnderWine(
  'a name that is taken fails with EADDRINUSE and the holder goes on serving',
  'it does not refuse a second first instance of a pipe',
  async (t) => {
    for (const name of [uniquePath(t), uniqueName(t)]) {
      const holder = await listening(t, name)
      const error = await rejectsWith(t, 'EADDRINUSE', () => listen(name), 'the second listen')
      t.is(getSystemErrorName(error.errno ?? 0), 'EADDRINUSE')
      t.is(error.address, holder.name.toString())
      t.true(error.message.includes('EADDRINUSE') && error.message.includes(name), error.message)
      t.is(typeof error.syscall, 'string')
      await connected(t, name)
      await accepted(t, holder)
    }
  },
)

unixTest('a regular file in the way fails with EADDRINUSE and is left alone', async (t) => {
  const path = uniquePath(t)
  writeFileSync(path, 'precious')
  await rejectsWith(t, 'EADDRINUSE', () => listen(path), 'listen')
  t.is(readFileSync(path, 'utf8'), 'precious')
})

unixTest('listen in a folder that is not there fails with ENOENT', async (t) => {
  const path = `${uniqueFolder(t)}/no/x.sock`
  const error = await rejectsWith(t, 'ENOENT', () => listen(path), 'listen')
  t.is(error.address, path)
})

test('a name can be taken again as soon as close has resolved', async (t) => {
  for (const name of [uniquePath(t), uniqueName(t)]) {
    for (let round = 0; round < 20; round += 1) {
      const listener = await listen(name)
      await listener.close()
    }
  }
  t.pass()
})

test('aborting the signal given to listen closes the listener', async (t) => {
  const path = uniquePath(t)
  const abort = new AbortController()
  const listener = await listening(t, path, { signal: abort.signal })
  const serve = async (): Promise<string> => {
    for await (const stream of listener) stream.destroy()
    return 'ended'
  }
  const serving = serve()
  const client = await connected(t, path)
  t.is(await within(client.read(), PATIENCE_MS, 'to be accepted'), null)
  // A pipe has its name as long as anybody has an end of it.
  client.destroy()
  abort.abort()
  t.is(await within(serving, PATIENCE_MS, 'the iteration to end by the signal'), 'ended')
  await listener.close()
  t.false(await isTaken(path))
  await rejectsWith(t, 'ENOENT', () => connect(path), 'connect after the abort')
})

test('an already aborted signal makes listen fail without taking the name', async (t) => {
  const path = uniquePath(t)
  const signal = AbortSignal.abort('not today')
  assertAbortError(t, await failure(listen(path, { signal }), 'listen'), 'not today')
  t.false(await isTaken(path))
})

test('a listener that closed no longer listens to its signal', async (t) => {
  const abort = new AbortController()
  const listener = await listening(t, undefined, { signal: abort.signal })
  t.is(getEventListeners(abort.signal, 'abort').length, 1)
  await listener.close()
  t.is(getEventListeners(abort.signal, 'abort').length, 0)
})

test('a backlog of 0 is honoured and still lets clients in one after another', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name, { backlog: 0 })
  for (let count = 0; count < 3; count += 1) {
    const client = connected(t, name)
    await accepted(t, listener)
    await client
  }
  t.pass()
})

test('without a backlog option at least a hundred clients can queue', async (t) => {
  const name = uniqueName(t)
  await listening(t, name)
  const clients: Stream[] = []
  for (let count = 0; count < 100; count += 1) clients.push(await connected(t, name))
  t.is(clients.length, 100)
})
