import test from 'ava'
import type { Stream } from 'local-socket'

import { text } from './helpers/checksum.js'
import { assertAbortError, failure, rejectsWith } from './helpers/failures.js'
import { uniqueName, uniquePath } from './helpers/names.js'
import { accepted, connected, discarded, listening, queued } from './helpers/pair.js'
import { programFile, start } from './helpers/process.js'
import { unixTest } from './helpers/tests.js'
import { PATIENCE_MS, turns, within } from './helpers/within.js'

test('accept gives connections in the order in which they were made', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  for (const mark of 'abcde') {
    const client = await connected(t, name)
    await client.write(mark)
  }
  let order = ''
  for (let count = 0; count < 5; count += 1) {
    const server = await accepted(t, listener)
    order += text(await within(server.read(), PATIENCE_MS, 'a mark'))
  }
  t.is(order, 'abcde')
})

test('concurrent accepts are served in the order of the calls', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const accepts = [listener.accept(), listener.accept(), listener.accept()]
  for (const mark of 'xyz') {
    const client = await connected(t, name)
    await client.write(mark)
  }
  const servers = await within(Promise.all(accepts), PATIENCE_MS, 'three connections')
  for (const server of servers) discarded(t, server)
  const marks = await Promise.all(servers.map((server) => server.read()))
  t.is(marks.map((mark) => text(mark)).join(''), 'xyz')
})

test('accept with timeout 0 takes a connection that is waiting', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  await queued(t, name)
  discarded(t, await listener.accept({ timeout: 0 }))
  t.pass()
})

test('accept with timeout 0 fails at once when nobody is waiting, and the listener goes on', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const nobody = await rejectsWith(
    t,
    'ERR_LOCAL_SOCKET_TIMEOUT',
    () => listener.accept({ timeout: 0 }),
    'accept',
  )
  t.true(nobody.message.includes(name), nobody.message)
  await connected(t, name)
  await accepted(t, listener)
})

test('accept that times out or is aborted took no connection', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  await rejectsWith(
    t,
    'ERR_LOCAL_SOCKET_TIMEOUT',
    () => listener.accept({ timeout: 20 }),
    'accept with a timeout',
  )
  const abort = new AbortController()
  const cancelled = listener.accept({ signal: abort.signal })
  const kept = listener.accept()
  await turns()
  const client = connected(t, name)
  abort.abort('no more')
  assertAbortError(t, await failure(cancelled, 'the aborted accept'), 'no more')
  discarded(t, await within(kept, PATIENCE_MS, 'the connection for the accept behind'))
  await client
})

test('accept with an aborted signal leaves the connection for the next accept', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  await connected(t, name)
  const signal = AbortSignal.abort('never')
  assertAbortError(t, await failure(listener.accept({ signal }), 'accept'), 'never')
  await accepted(t, listener)
})

interface AcceptReport {
  readonly ready?: true
  readonly accepted?: number
  readonly idle?: { readonly cpuMs: number; readonly wallMs: number }
  readonly warnings?: readonly string[]
  readonly ended?: true
}

unixTest(
  'a server out of descriptors neither ends nor spins: it warns once and goes on later',
  async (t) => {
    const path = uniquePath(t)
    const server = start(t, '/bin/sh', [
      '-c',
      'ulimit -n 48; exec "$0" "$@"',
      process.execPath,
      programFile('accept-until-full'),
      path,
    ])
    t.true((await server.message<AcceptReport>('ready')).ready)
    const clients: Stream[] = []
    for (let count = 0; count < 60; count += 1) clients.push(await connected(t, path))

    // The program reports once it has accepted nothing for a while, with the CPU time of that while.
    server.tell(0)
    const {
      accepted: first = 0,
      idle,
      warnings = [],
    } = await server.message<AcceptReport>('its limit')
    t.true(first > 0 && first < 60, `${first} of 60 got in`)
    t.deepEqual(warnings, ['LOCAL_SOCKET_ACCEPT'])
    t.truthy(idle)
    if (idle) t.true(idle.cpuMs < idle.wallMs / 4, `${idle.cpuMs} ms of CPU in ${idle.wallMs} ms`)

    server.tell('release')
    server.tell(first)
    const { accepted: second = 0, warnings: later = [] } =
      await server.message<AcceptReport>('the rest of the clients')
    t.true(second > first, `${second} after the release`)
    t.deepEqual(later, ['LOCAL_SOCKET_ACCEPT'])

    server.tell('release')
    server.tell('close')
    t.true((await server.message<AcceptReport>('the end of the iteration')).ended)
    t.is((await server.exit()).code, 0, server.stderr)
  },
)

unixTest('accept that waits for descriptors can still be cancelled and closed', async (t) => {
  const path = uniquePath(t)
  const server = start(t, '/bin/sh', [
    '-c',
    'ulimit -n 48; exec "$0" "$@"',
    process.execPath,
    programFile('accept-cancelled-when-full'),
    path,
  ])
  t.true((await server.message<AcceptReport>('ready')).ready)
  for (let count = 0; count < 60; count += 1) await connected(t, path)
  server.tell('all in')
  t.deepEqual(await server.message('the outcome'), {
    timedOut: 'ERR_LOCAL_SOCKET_TIMEOUT',
    aborted: 'ABORT_ERR',
    closed: 'ERR_LOCAL_SOCKET_CLOSED',
  })
  t.is((await server.exit()).code, 0, server.stderr)
})

for (const by of ['close', 'signal'] as const) {
  test(`a client that was let in and that nobody took sees the end at the listener’s, by ${by}`, async (t) => {
    const name = uniqueName(t)
    const [cancel, end] = [new AbortController(), new AbortController()]
    const listener = await listening(t, name, {
      signal: end.signal,
      allow: () => {
        cancel.abort()
        return true
      },
    })
    const cancelled = failure(listener.accept({ signal: cancel.signal }), 'the accept')
    const client = await connected(t, name)
    t.is((await cancelled).code, 'ABORT_ERR')
    if (by === 'close') await listener.close()
    else end.abort()
    t.is(await within(client.read(), PATIENCE_MS, 'the end'), null)
  })
}
