import { existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

import test from 'ava'
import { listen } from 'local-socket'

import { text } from './helpers/checksum.js'
import { failure, rejectsWith } from './helpers/failures.js'
import { isTaken, uniqueFolder, uniqueName, uniquePath } from './helpers/names.js'
import { accepted, connected, discarded, listening, pair } from './helpers/pair.js'
import { unixSerial, unixTest } from './helpers/tests.js'
import { PATIENCE_MS, turns, within } from './helpers/within.js'

unixTest('a listener on a path makes a socket there and removes it when it closes', async (t) => {
  const path = uniquePath(t)
  const listener = await listening(t, path)
  t.true(lstatSync(path).isSocket())
  await listener.close()
  t.false(existsSync(path))
})

unixTest('close removes only the file that this listener made', async (t) => {
  const path = uniquePath(t)
  const first = await listening(t, path)
  rmSync(path)
  const second = await listening(t, path)
  await first.close()
  t.true(lstatSync(path).isSocket())
  await connected(t, path)
  await accepted(t, second)

  rmSync(path)
  writeFileSync(path, 'precious')
  await second.close()
  t.is(readFileSync(path, 'utf8'), 'precious')
})

unixSerial('close after a chdir removes the file where it was made', async (t) => {
  const folder = uniqueFolder(t)
  const before = process.cwd()
  t.teardown(() => process.chdir(before))
  process.chdir(folder)
  const listener = await listening(t, './x.sock')
  process.chdir(uniqueFolder(t))
  writeFileSync('x.sock', 'a stranger')
  await listener.close()
  t.false(existsSync(`${folder}/x.sock`))
  t.is(readFileSync('x.sock', 'utf8'), 'a stranger')
})

test('close rejects pending accepts, may be called again, and later accepts are refused', async (t) => {
  const listener = await listening(t)
  const pending = [listener.accept(), listener.accept({ timeout: 60_000 })]
  const settled = pending.map((accept) => failure(accept, 'accept under close'))
  await listener.close()
  await listener.close()
  for (const error of await Promise.all(settled)) t.is(error.code, 'ERR_LOCAL_SOCKET_CLOSED')
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_CLOSED', () => listener.accept(), 'accept after close')
  await Promise.all([listener.close(), listener.close()])
})

test('close leaves accepted streams alone', async (t) => {
  const { client, server, listener } = await pair(t)
  await listener.close()
  await client.write('still here')
  t.is(text(await within(server.read(), PATIENCE_MS, 'bytes after the close')), 'still here')
})

test('connections that nobody accepted see their end when the listener closes', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const client = await connected(t, name)
  await listener.close()
  const outcome = await within(
    client.read().catch((error: NodeJS.ErrnoException) => error.code),
    PATIENCE_MS,
    'the end of a connection that was never accepted',
  )
  t.true(outcome === null || outcome === 'ECONNRESET', String(outcome))
})

test('for await takes connections as they come and ends when the listener closes', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const greeted: string[] = []
  const serve = async (): Promise<string> => {
    for await (const stream of listener) {
      discarded(t, stream)
      greeted.push(text(await stream.read()))
      if (greeted.length === 3) void listener.close()
    }
    return 'ended'
  }
  const serving = serve()
  for (const mark of 'abc') {
    const client = await connected(t, name)
    await client.write(mark)
  }
  t.is(await within(serving, PATIENCE_MS, 'the end of the iteration'), 'ended')
  t.deepEqual(greeted, ['a', 'b', 'c'])
})

test('close ends a for await that is waiting for a connection', async (t) => {
  const listener = await listening(t)
  const serve = async (): Promise<number> => {
    let count = 0
    for await (const stream of listener.incoming()) {
      count += 1
      discarded(t, stream)
    }
    return count
  }
  const serving = serve()
  await turns()
  await listener.close()
  t.is(await within(serving, PATIENCE_MS, 'the end of the iteration'), 0)
})

test('for await over a closed listener ends at once', async (t) => {
  const listener = await listening(t)
  await listener.close()
  for await (const stream of listener) t.fail(String(stream))
  t.pass()
})

test('break in for await leaves the listener open', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  await connected(t, name)
  for await (const stream of listener) {
    discarded(t, stream)
    break
  }
  await connected(t, name)
  for await (const stream of listener.incoming()) {
    discarded(t, stream)
    break
  }
  await connected(t, name)
  await accepted(t, listener)
  t.pass()
})

test('a throw inside for await leaves the listener open', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  await connected(t, name)
  await t.throwsAsync(
    async () => {
      for await (const stream of listener) {
        discarded(t, stream)
        throw new RangeError('a bug in the handler')
      }
    },
    { instanceOf: RangeError },
  )
  await connected(t, name)
  await accepted(t, listener)
})

test('await using closes the listener at the end of its block', async (t) => {
  const path = uniquePath(t)
  {
    await using listener = await listen(path)
    t.true(await isTaken(path))
    t.is(listener.name.toString(), path)
  }
  t.false(await isTaken(path))
})

test('asyncDispose rejects pending accepts and may follow a close', async (t) => {
  const listener = await listening(t)
  const pending = failure(listener.accept(), 'accept under dispose')
  await listener[Symbol.asyncDispose]()
  t.is((await pending).code, 'ERR_LOCAL_SOCKET_CLOSED')
  await listener[Symbol.asyncDispose]()
})

test('ref and unref give the listener back and may be repeated', async (t) => {
  const listener = await listening(t)
  t.is(listener.unref(), listener)
  t.is(listener.unref(), listener)
  t.is(listener.ref(), listener)
  await listener.close()
  t.notThrows(() => listener.ref())
  t.notThrows(() => listener.unref())
})
