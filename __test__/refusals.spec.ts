import { AsyncLocalStorage } from 'node:async_hooks'

import test, { type ExecutionContext } from 'ava'
import type { Allow, Listener, ListenerOptions, Refusal, Stream } from 'local-socket'

import { uniqueName } from './helpers/names.js'
import { connected, discarded, listening } from './helpers/pair.js'
import { windows } from './helpers/platform.js'
import { startProgram } from './helpers/process.js'
import { REFUSING, STRANGER } from './helpers/rules.js'
import { NOBODY, asNobody, gotIn, rootTest, type Visit } from './helpers/users.js'
import { PATIENCE_MS, eventually, turns, within } from './helpers/within.js'

interface Serving {
  readonly listener: Listener
  readonly name: string
  /** Those that got in. */
  readonly streams: Stream[]
}

async function serving(t: ExecutionContext, options: ListenerOptions): Promise<Serving> {
  const name = uniqueName(t)
  const listener = await listening(t, name, options)
  const streams: Stream[] = []
  const serve = async (): Promise<void> => {
    for await (const stream of listener) streams.push(discarded(t, stream))
  }
  void serve()
  return { listener, name, streams }
}

async function turnedAway(t: ExecutionContext, name: string): Promise<void> {
  const client = await connected(t, name)
  t.is(await within(client.read(), PATIENCE_MS, 'the end'), null)
}

test('refused clients are counted, also once the listener is closed', async (t) => {
  const abort = new AbortController()
  for (const close of [(listener: Listener) => listener.close(), async () => abort.abort()]) {
    const { listener, name } = await serving(t, { allow: REFUSING, signal: abort.signal })
    for (let count = 0; count < 3; count += 1) await turnedAway(t, name)
    t.is(listener.refused, 3)
    await close(listener)
    t.true(listener.closed)
    t.is(listener.refused, 3)
  }
})

test('who is beyond maxConnections sees the end, and room that is made is used', async (t) => {
  const { listener, name, streams } = await serving(t, { maxConnections: 2 })
  const told: Refusal[] = []
  listener.onRefused = (refusal) => told.push(refusal)
  await connected(t, name)
  await connected(t, name)
  await turnedAway(t, name)
  await eventually(() => told.length === 1, PATIENCE_MS, 'the refusal was not told')
  t.is(told[0]?.reason, 'tooManyConnections')
  t.is(told[0]?.peer.pid, process.pid)
  await streams[0]?.close()
  await connected(t, name)
  await eventually(() => streams.length === 3, PATIENCE_MS, 'nobody got in')
  t.is(listener.refused, 1)
})

test('who is beyond maxConnectionsPerUser sees the end', async (t) => {
  const { listener, name, streams } = await serving(t, { maxConnectionsPerUser: 1 })
  const told: Refusal[] = []
  listener.onRefused = (refusal) => told.push(refusal)
  await connected(t, name)
  await turnedAway(t, name)
  await eventually(() => told.length === 1, PATIENCE_MS, 'the refusal was not told')
  t.is(told[0]?.reason, 'tooManyOfUser')
  t.is(streams.length, 1)
})

test('who is refused by a function takes no room from those who are let in', async (t) => {
  let asked = 0
  const allow = (): boolean => (asked += 1) > 2
  const { listener, name, streams } = await serving(t, { maxConnections: 1, allow })
  await turnedAway(t, name)
  await turnedAway(t, name)
  await connected(t, name)
  await eventually(() => streams.length === 1, PATIENCE_MS, 'nobody got in')
  // There is no room, so that the function is not asked.
  await turnedAway(t, name)
  t.deepEqual([asked, listener.refused], [3, 3])
})

rootTest('one user that has as many as it may leaves room for another', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name, { allow: 'anyone', maxConnectionsPerUser: 1 })
  const greet = async (): Promise<void> => {
    for await (const stream of listener) await discarded(t, stream).write('hello')
  }
  void greet()
  await connected(t, name)
  await turnedAway(t, name)
  t.true(gotIn(await asNobody(t, 'client', ['{}', name]).message<Visit>('how it went')))
  t.is(listener.refused, 1)
})

rootTest('an observer is told why, and who it was', async (t) => {
  const { listener, name } = await serving(t, {})
  const told = new Promise<Refusal>((resolve) => {
    listener.onRefused = resolve
  })
  const stranger = asNobody(t, 'client', ['{}', name])
  const { reason, peer } = await within(told, PATIENCE_MS, 'the refusal')
  t.is(reason, 'notAllowed')
  t.deepEqual([peer.pid, peer.uid, peer.gid], [stranger.pid, NOBODY, NOBODY])
  t.true(Object.isFrozen(peer))
})

test('an observer is called in the context in which it was set, and no more once it is unset', async (t) => {
  const { listener, name } = await serving(t, { allow: REFUSING })
  const storage = new AsyncLocalStorage<string>()
  const contexts: (string | undefined)[] = []
  const observer = (): void => void contexts.push(storage.getStore())
  storage.run('set here', () => {
    listener.onRefused = observer
  })
  t.is(listener.onRefused, observer)
  await turnedAway(t, name)
  await eventually(() => contexts.length === 1, PATIENCE_MS, 'the refusal was not told')
  listener.onRefused = undefined
  await turnedAway(t, name)
  await turns()
  t.deepEqual(contexts, ['set here'])
  t.is(listener.refused, 2)
})

test('what was refused before it was observed is not told later', async (t) => {
  const { listener, name } = await serving(t, { allow: REFUSING })
  await turnedAway(t, name)
  const told: Refusal[] = []
  listener.onRefused = (refusal) => told.push(refusal)
  await turnedAway(t, name)
  await eventually(() => told.length > 0, PATIENCE_MS, 'the refusal was not told')
  await turns()
  t.is(told.length, 1)
})

test('an observer may close the listener, and is told of those that were refused before', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name, { allow: () => false })
  const told: Refusal[] = []
  listener.onRefused = (refusal) => {
    told.push(refusal)
    void listener.close()
  }
  const clients = await Promise.all([connected(t, name), connected(t, name)])
  listener.accept().catch(() => undefined)
  for (const client of clients) t.is(await within(client.read(), PATIENCE_MS, 'the end'), null)
  await eventually(() => told.length === 2, PATIENCE_MS, 'both were not told of')
  t.is(listener.refused, 2)
})

/** A pipe whose rules keep somebody out isn't opened, so that nobody has to be turned away. */
const REFUSERS: readonly (readonly [string, Allow])[] = windows
  ? [['a function refuses', () => false]]
  : [
      ['rules refuse', STRANGER],
      ['a function refuses', () => false],
    ]

for (const [who, allow] of REFUSERS) {
  test(`a crowd that ${who} is turned away in slices, and all of it is counted`, async (t) => {
    const name = uniqueName(t)
    const crowd = 1_000
    const listener = await listening(t, name, { allow, backlog: crowd })
    let told = 0
    listener.onRefused = () => void (told += 1)
    const clients = await Promise.all(Array.from({ length: crowd }, () => connected(t, name)))
    listener.accept().catch(() => undefined)
    const slices = new Set<number>()
    const allRefused = async (): Promise<void> => {
      while (listener.refused < crowd) {
        await turns(1)
        slices.add(listener.refused)
      }
    }
    await within(allRefused(), PATIENCE_MS, 'all to be refused')
    slices.delete(0)
    t.true(slices.size > 2, `${[...slices].join(' ')} at the end of turns`)
    await turns()
    t.true(told > 0 && told <= crowd, `${told} were told of`)
    for (const client of clients) t.is(await client.read(), null)
  })
}

test('a good client gets in through a flood of those who are refused', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name, { allow: ({ pid }) => pid === process.pid })
  const admitting = listener.accept()
  admitting.catch(() => undefined)
  const flood = startProgram(t, 'knocking', [name])
  await flood.message('a hundred refusals', 3 * PATIENCE_MS)
  t.true(listener.refused >= 100)
  await connected(t, name)
  const admitted = discarded(t, await within(admitting, PATIENCE_MS, 'the good client'))
  t.is(admitted.peer.pid, process.pid)
})

test('what an observer throws is an uncaught exception, and the others are told all the same', async (t) => {
  const program = startProgram(t, 'observer-throws', [uniqueName(t)])
  t.deepEqual(await program.message('what it saw'), { seen: ['boom 1', 'boom 2'], told: 2 })
  t.is((await program.exit()).code, 0, program.stderr)
})
