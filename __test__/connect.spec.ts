import { linkSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { getSystemErrorName } from 'node:util'

import test, { type ExecutionContext } from 'ava'
import { LocalSocketError, connect, type Listener } from 'local-socket'

import { text } from './helpers/checksum.js'
import { assertAbortError, failure, rejectsWith } from './helpers/failures.js'
import { uniqueFolder, uniqueName, uniquePath } from './helpers/names.js'
import { accepted, connected, discarded, fillBacklog, listening } from './helpers/pair.js'
import { NOBODY_LISTENS } from './helpers/platform.js'
import { unixTest } from './helpers/tests.js'
import { PATIENCE_MS, turns, within } from './helpers/within.js'

/** A path that holds a socket nobody listens on any more, as a crash leaves it. */
async function deadSocket(t: ExecutionContext): Promise<string> {
  const folder = uniqueFolder(t)
  const server = createServer()
  await within(
    new Promise<void>((resolve) => server.listen(`${folder}/live.sock`, resolve)),
    PATIENCE_MS,
    'a net server',
  )
  linkSync(`${folder}/live.sock`, `${folder}/dead.sock`)
  await within(new Promise((resolve) => server.close(resolve)), PATIENCE_MS, 'the server to close')
  return `${folder}/dead.sock`
}

test('connect gives a stream that a listener by the same name accepts', async (t) => {
  for (const name of [uniqueName(t), uniquePath(t)]) {
    const listener = await listening(t, name)
    const client = await connected(t, name)
    const server = await accepted(t, listener)
    await client.write('hello')
    t.is(text(await within(server.read(), PATIENCE_MS, 'hello')), 'hello')
  }
})

test('connect to a path that is not there fails with ENOENT', async (t) => {
  const path = uniquePath(t)
  const error = await rejectsWith(t, 'ENOENT', () => connect(path), 'connect')
  t.is(getSystemErrorName(error.errno ?? 0), 'ENOENT')
  t.is(error.syscall, 'connect')
  t.is(error.address, path)
  t.true(error.message.startsWith(`connect ENOENT ${path}`), error.message)
})

test(`connect to a namespaced name that nobody has taken fails with ${NOBODY_LISTENS}`, async (t) => {
  const name = uniqueName(t)
  const error = await rejectsWith(t, NOBODY_LISTENS, () => connect(name), 'connect')
  t.is(getSystemErrorName(error.errno ?? 0), NOBODY_LISTENS)
  t.is(error.syscall, 'connect')
  t.true(error.message.includes(name), error.message)
  t.true(error.address?.includes(name))
})

unixTest('connect to a socket that a dead server left fails with ECONNREFUSED', async (t) => {
  const path = await deadSocket(t)
  const error = await rejectsWith(t, 'ECONNREFUSED', () => connect(path), 'connect')
  t.is(error.address, path)
})

unixTest('connect to a regular file fails and leaves the file alone', async (t) => {
  const path = uniquePath(t)
  writeFileSync(path, 'precious')
  const error = await failure(connect(path), 'connect')
  t.true(error instanceof LocalSocketError)
  t.true(['ECONNREFUSED', 'ENOTSOCK'].includes(error.code ?? ''), error.message)
})

test('connect to a listener that has closed fails', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  await listener.close()
  await rejectsWith(t, NOBODY_LISTENS, () => connect(name), 'connect')
})

test('connect with timeout 0 makes its one attempt and succeeds where a server listens', async (t) => {
  const name = uniqueName(t)
  await listening(t, name)
  await connected(t, name, { timeout: 0 })
  t.pass()
})

test('connect with timeout 0 tells the true reason where nobody listens', async (t) => {
  const name = uniqueName(t)
  await rejectsWith(t, NOBODY_LISTENS, () => connect(name, { timeout: 0 }), 'connect')
})

test('connect to a full backlog waits and completes when the server has accepted', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name, { backlog: 1 })
  const queued = await fillBacklog(t, name)
  t.true(queued.length >= 1)

  let connectedYet = false
  const waiting = connect(name).then((stream) => {
    connectedYet = true
    return discarded(t, stream)
  })
  await delay(50)
  t.false(connectedYet)

  await accepted(t, listener)
  const late = await within(waiting, PATIENCE_MS, 'the connection behind a full backlog')
  for (let count = 1; count < queued.length; count += 1) await accepted(t, listener)
  const server = await accepted(t, listener)
  await late.write('after the wait')
  t.is(text(await within(server.read(), PATIENCE_MS, 'bytes of the late client')), 'after the wait')
})

test('every one of many clients behind a full backlog gets in', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name, { backlog: 1 })
  const clients = Promise.all(Array.from({ length: 40 }, () => connected(t, name)))
  for (let count = 0; count < 40; count += 1) await accepted(t, listener)
  t.is((await within(clients, PATIENCE_MS, 'forty connections')).length, 40)
})

test('connect to a full backlog gives up with ERR_LOCAL_SOCKET_TIMEOUT at its timeout', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name, { backlog: 1 })
  const queued = await fillBacklog(t, name)
  const start = performance.now()
  const error = await rejectsWith(
    t,
    'ERR_LOCAL_SOCKET_TIMEOUT',
    () => connect(name, { timeout: 60 }),
    'connect',
  )
  t.true(performance.now() - start >= 50)
  t.true(error.message.includes(name), error.message)
  await assertNobodyElseIsQueued(t, listener, queued.length)
})

test('connect to a full backlog can be aborted and leaves nothing behind', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name, { backlog: 1 })
  const queued = await fillBacklog(t, name)
  const abort = new AbortController()
  const waiting = connect(name, { signal: abort.signal })
  await turns()
  const reason = new Error('changed my mind')
  abort.abort(reason)
  assertAbortError(t, await failure(waiting, 'the aborted connect'), reason)
  await assertNobodyElseIsQueued(t, listener, queued.length)
})

async function assertNobodyElseIsQueued(
  t: ExecutionContext,
  listener: Listener,
  count: number,
): Promise<void> {
  for (let index = 0; index < count; index += 1) await accepted(t, listener)
  await delay(40)
  await rejectsWith(
    t,
    'ERR_LOCAL_SOCKET_TIMEOUT',
    () => listener.accept({ timeout: 0 }),
    'accept of a connection that was given up',
  )
}

test('connect with an aborted signal does not connect at all', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const reason = new Error('too late')
  const signal = AbortSignal.abort(reason)
  assertAbortError(t, await failure(connect(name, { signal }), 'connect'), reason)
  await assertNobodyElseIsQueued(t, listener, 0)
})

test('connect without retry does not wait for a server that is not there', async (t) => {
  await rejectsWith(t, 'ENOENT', () => connect(uniquePath(t), { timeout: 60_000 }), 'connect')
  await rejectsWith(t, 'ENOENT', () => connect(uniquePath(t), { retry: false }), 'connect')
})

test('retry: true waits for a server that starts later, by path and by namespaced name', async (t) => {
  for (const name of [uniquePath(t), uniqueName(t)]) {
    const waiting = connect(name, { retry: true }).then((stream) => discarded(t, stream))
    await delay(30)
    const listener = await listening(t, name)
    const client = await within(waiting, PATIENCE_MS, 'the connection to a late server')
    const server = await accepted(t, listener)
    await server.write('welcome')
    t.is(text(await within(client.read(), PATIENCE_MS, 'the welcome')), 'welcome')
  }
})

unixTest('retry: true waits for a server that replaces a dead one', async (t) => {
  const path = await deadSocket(t)
  const waiting = connect(path, { retry: true, timeout: PATIENCE_MS })
  await delay(20)
  rmSync(path)
  const listener = await listening(t, path)
  discarded(t, await within(waiting, PATIENCE_MS, 'the connection to the new server'))
  await accepted(t, listener)
  t.pass()
})

// Serial: where others use up what may be done in a turn, the first attempt can come too late.
test.serial(
  'retry: true ends with ERR_LOCAL_SOCKET_TIMEOUT and the last reason as its cause',
  async (t) => {
    const path = uniquePath(t)
    const error = await rejectsWith(
      t,
      'ERR_LOCAL_SOCKET_TIMEOUT',
      () => connect(path, { retry: true, timeout: 40 }),
      'connect',
    )
    t.true(error.message.includes(path), error.message)
    t.is((error.cause as LocalSocketError | undefined)?.code, 'ENOENT')
  },
)

test('retry: true can be aborted', async (t) => {
  const abort = new AbortController()
  const waiting = connect(uniquePath(t), { retry: true, signal: abort.signal })
  await delay(10)
  abort.abort('enough')
  assertAbortError(t, await failure(waiting, 'the aborted connect'), 'enough')
})

unixTest('retry: true does not hide an error that waiting can not mend', async (t) => {
  const file = uniquePath(t)
  writeFileSync(file, '')
  await rejectsWith(
    t,
    'ENOTDIR',
    () => connect(`${file}/x.sock`, { retry: true, timeout: 60_000 }),
    'connect below a file',
  )
})

test('a hundred connects at once each get their own stream', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const serve = async (): Promise<void> => {
    for (let count = 0; count < 100; count += 1) {
      const stream = await accepted(t, listener)
      void stream.readExact(4).then((bytes) => stream.write(bytes))
    }
  }
  const serving = serve()
  const answers = await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const stream = await connected(t, name)
      const message = String(1000 + index)
      await stream.write(message)
      return text(await within(stream.readExact(4), PATIENCE_MS, `the echo of ${message}`))
    }),
  )
  await serving
  t.deepEqual(
    answers,
    Array.from({ length: 100 }, (_, index) => String(1000 + index)),
  )
})

test('options that are changed after the call change nothing of it', async (t) => {
  const name = uniqueName(t)
  const options: Record<string, unknown> = { retry: true, busyPoll: { maxMicros: 50 } }
  const connecting = within(connect(name, options), PATIENCE_MS, 'the server to start')
  Object.assign(options, { retry: false, busyPoll: null, timeout: 'soon' })
  const listener = await listening(t, name)
  discarded(t, await connecting)
  await accepted(t, listener)
  t.pass()
})
