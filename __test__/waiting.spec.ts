import { AsyncLocalStorage } from 'node:async_hooks'
import { getEventListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

import test, { type ExecutionContext } from 'ava'
import { connect, type Listener, type Stream, type WaitOptions } from 'local-socket'

import { text } from './helpers/checksum.js'
import { assertAbortError, failure, rejectsWith } from './helpers/failures.js'
import { uniqueName, uniquePath } from './helpers/names.js'
import { discarded, fill, fillBacklog, listening, pair, queued, readAll } from './helpers/pair.js'
import { PATIENCE_MS, turns, within } from './helpers/within.js'

type Wait = readonly [string, (options: WaitOptions) => Promise<unknown>]

function listeners(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length
}

/** Calls that can not be done at once on a stream that is full and has nothing to read. */
function stuckWaits(stream: Stream, listener: Listener): readonly Wait[] {
  return [
    ['read', (options) => stream.read(options)],
    ['readInto', (options) => stream.readInto(new Uint8Array(4), options)],
    ['readExact', (options) => stream.readExact(4, options)],
    ['write', (options) => stream.write('x', options)],
    ['accept', (options) => listener.accept(options)],
  ]
}

test('every waiting call ends with an AbortError whose cause is the reason', async (t) => {
  const { client, listener } = await pair(t)
  fill(client)
  const full = await fullBacklog(t)
  const waits: readonly Wait[] = [
    ...stuckWaits(client, listener),
    ['connect', (options) => connect(full, options)],
    ['connect with retry', (options) => connect(uniquePath(t), { ...options, retry: true })],
  ]
  for (const [what, call] of waits) {
    for (const reason of [new Error('a reason'), 'a string', { any: 'thing' }]) {
      const abort = new AbortController()
      const cancelled = failure(call({ signal: abort.signal }), what)
      await turns(1)
      abort.abort(reason)
      assertAbortError(t, await cancelled, reason)
      t.is(listeners(abort.signal), 0, what)
    }
  }
})

test("an abort without a reason has the signal's own reason as its cause", async (t) => {
  const { client } = await pair(t)
  const abort = new AbortController()
  const cancelled = failure(client.read({ signal: abort.signal }), 'read')
  abort.abort()
  const error = await cancelled
  assertAbortError(t, error, abort.signal.reason)
  t.true(error.cause instanceof DOMException)
})

test('AbortSignal.timeout and AbortSignal.any end a wait as any signal does', async (t) => {
  const { client } = await pair(t)
  const timed = await failure(client.read({ signal: AbortSignal.timeout(10) }), 'read')
  t.is(timed.name, 'AbortError')
  t.is((timed.cause as Error).name, 'TimeoutError')
  const abort = new AbortController()
  const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(60_000)])
  const cancelled = failure(client.read({ signal }), 'read')
  abort.abort('either')
  assertAbortError(t, await cancelled, 'either')
})

test('every waiting call ends with ERR_LOCAL_SOCKET_TIMEOUT, not before its time', async (t) => {
  const { client, listener } = await pair(t)
  fill(client)
  const full = await fullBacklog(t)
  const waits: readonly Wait[] = [
    ...stuckWaits(client, listener),
    ['connect', (options) => connect(full, options)],
  ]
  for (const [what, call] of waits) {
    const start = performance.now()
    const error = await rejectsWith(
      t,
      'ERR_LOCAL_SOCKET_TIMEOUT',
      () => call({ timeout: 30 }),
      what,
    )
    // Timers count in whole milliseconds of a clock that was read at the start of the turn.
    t.true(performance.now() - start >= 25, what)
    t.regex(error.message, /30 ms/)
  }
})

// Serial, like others here that expect something at once: tests at the same time share the turn.
test.serial('timeout 0 fails at once for every call that would have to wait', async (t) => {
  const { client, listener } = await pair(t)
  fill(client)
  const full = await fullBacklog(t)
  const waits: readonly Wait[] = [
    ...stuckWaits(client, listener),
    ['connect', (options) => connect(full, options)],
  ]
  for (const [what, call] of waits) {
    let code: unknown
    call({ timeout: 0 }).catch((error: NodeJS.ErrnoException) => (code = error.code))
    // A timer of any length would take longer, as would an event from the system.
    await turns(2)
    t.is(code, 'ERR_LOCAL_SOCKET_TIMEOUT', what)
  }
})

test('an already aborted signal ends every call at once', async (t) => {
  const { client, listener, name } = await pair(t)
  const signal = AbortSignal.abort('before')
  const waits: readonly Wait[] = [
    ...stuckWaits(client, listener),
    ['end', (options) => client.end(options)],
    ['close', (options) => client.close(options)],
    ['connect', (options) => connect(name, options)],
  ]
  for (const [what, call] of waits) {
    assertAbortError(t, await failure(call({ signal }), what), 'before')
    t.is(listeners(signal), 0)
  }
  t.false(client.closed)
})

test('there is one listener per signal however many calls share it, and none afterwards', async (t) => {
  const one = await pair(t)
  const two = await pair(t)
  fill(one.client)
  fill(two.client)
  const abort = new AbortController()
  const options = { signal: abort.signal }
  const waits = [one, two].flatMap(({ client, listener }) =>
    Array.from({ length: 20 }, () => stuckWaits(client, listener).map(([, call]) => call(options))),
  )
  t.is(listeners(abort.signal), 1)
  const failures = waits.flat().map((wait) => failure(wait, 'a wait'))
  t.is(failures.length, 200)
  abort.abort('all')
  for (const error of await Promise.all(failures)) assertAbortError(t, error, 'all')
  t.is(listeners(abort.signal), 0)
})

test.serial('no listener is added by calls that need not wait', async (t) => {
  const { client, server, name, listener } = await pair(t)
  const abort = new AbortController()
  const options = { signal: abort.signal }
  await server.write('0123456789')
  // Once something has come, what is left can be read at once.
  await within(client.readExact(1), PATIENCE_MS, 'the first byte')
  await queued(t, name)
  const calls = [
    client.read(options),
    client.write('x', options),
    connect(name, options).then((stream) => discarded(t, stream)),
    listener.accept(options).then((stream) => discarded(t, stream)),
    client.readExact(0, options),
    client.end(options),
  ]
  t.is(listeners(abort.signal), 0)
  await within(Promise.all(calls), PATIENCE_MS, 'calls that need not wait')
  await client.close(options)
  t.is(listeners(abort.signal), 0)
})

test.serial('a call that need not wait only asks its signal whether it is aborted', async (t) => {
  const { client, server } = await pair(t)
  const { signal } = new AbortController()
  let added = 0
  const add = signal.addEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>): void => {
    added += 1
    add(...args)
  }
  await client.write('abc', { signal })
  // Once something has come, what is left can be read at once.
  await within(server.readExact(1), PATIENCE_MS, 'the first byte')
  await server.readExact(1, { signal })
  await server.read({ signal })
  t.is(added, 0)
  const waiting = failure(server.read({ signal, timeout: 5 }), 'read')
  t.is(added, 1)
  await waiting
})

test('the listener is removed when the last wait has succeeded, failed or timed out', async (t) => {
  const { client, server } = await pair(t)
  const abort = new AbortController()
  const { signal } = abort
  const first = client.readExact(1, { signal })
  const second = client.readExact(1, { signal })
  t.is(listeners(signal), 1)
  await server.write('a')
  await within(first, PATIENCE_MS, 'the first read')
  t.is(listeners(signal), 1)
  await server.write('b')
  await within(second, PATIENCE_MS, 'the second read')
  t.is(listeners(signal), 0)

  await failure(client.read({ signal, timeout: 5 }), 'a read that times out')
  t.is(listeners(signal), 0)

  const closed = failure(client.read({ signal }), 'a read under close')
  t.is(listeners(signal), 1)
  await client.close()
  await closed
  t.is(listeners(signal), 0)
})

test('a hundred waits on one signal bring no warning of too many listeners', async (t) => {
  const warnings: string[] = []
  const onWarning = (warning: Error): void => void warnings.push(warning.name)
  process.on('warning', onWarning)
  t.teardown(() => process.off('warning', onWarning))
  const { client } = await pair(t)
  const abort = new AbortController()
  const waits = Array.from({ length: 100 }, () =>
    failure(client.read({ signal: abort.signal }), 'read'),
  )
  await turns()
  abort.abort()
  await Promise.all(waits)
  await turns()
  t.deepEqual(
    warnings.filter((name) => name === 'MaxListenersExceededWarning'),
    [],
  )
})

test('an abort that comes after success changes nothing', async (t) => {
  const { client, server } = await pair(t)
  const abort = new AbortController()
  const first = client.readExact(1, { signal: abort.signal, timeout: 60_000 })
  await server.write('a')
  t.is(text(await within(first, PATIENCE_MS, 'a')), 'a')
  abort.abort()
  await server.write('b')
  t.is(text(await within(client.read(), PATIENCE_MS, 'b')), 'b')
})

test('signal and timeout work together: whichever comes first', async (t) => {
  const { client } = await pair(t)
  const abort = new AbortController()
  const timedOut = await failure(client.read({ signal: abort.signal, timeout: 5 }), 'read')
  t.is(timedOut.code, 'ERR_LOCAL_SOCKET_TIMEOUT')
  const cancelled = failure(client.read({ signal: abort.signal, timeout: 60_000 }), 'read')
  abort.abort()
  t.is((await cancelled).code, 'ABORT_ERR')
})

/** The name of a listener on whose full backlog a connect has to wait. */
async function fullBacklog(t: ExecutionContext): Promise<string> {
  const name = uniqueName(t)
  await listening(t, name, { backlog: 0 })
  await fillBacklog(t, name)
  return name
}

test('every wait resumes in the async context in which it was called', async (t) => {
  const context = new AsyncLocalStorage<string>()
  const { client, server, listener, name } = await pair(t)
  const seen: string[] = []
  const waitFor = (mark: string, wait: () => Promise<unknown>): Promise<void> =>
    context.run(mark, async () => {
      await wait().catch(() => undefined)
      seen.push(`${mark}: ${context.getStore()}`)
    })
  fill(client)
  const waits = [
    waitFor('readExact', () => client.readExact(1)),
    waitFor('read', () => client.read()),
    waitFor('write', () => client.write('x')),
    waitFor('accept', () => listener.accept().then((stream) => stream.destroy())),
    waitFor('timeout', () => client.read({ timeout: 5 })),
  ]
  await delay(10)
  await context.run('another', async () => {
    await server.write('ab')
    await server.read()
    const late = await connect(name)
    t.teardown(() => late.destroy())
    void readAll(server).catch(() => undefined)
  })
  await within(Promise.all(waits), PATIENCE_MS, 'all waits')
  t.deepEqual(seen.toSorted(), [
    'accept: accept',
    'read: read',
    'readExact: readExact',
    'timeout: timeout',
    'write: write',
  ])
})
