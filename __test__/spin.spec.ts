import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as delay } from 'node:timers/promises'

import type { ExecutionContext } from 'ava'
import { connect, type BusyPoll, type Stream } from 'local-socket'

import { A_SECOND, type Looks } from './helpers/awake.js'
import { bytes, text } from './helpers/checksum.js'
import { assertAbortError, failure } from './helpers/failures.js'
import {
  adaptiveTest,
  convinced,
  expectX,
  looked,
  looksTest,
  microtasks,
  quickTest,
  waitingPair,
  waits,
} from './helpers/looking.js'
import { uniqueName } from './helpers/names.js'
import { accepted, connected, discarded, listening, pair, type Pair } from './helpers/pair.js'
import { PATIENCE_MS, eventually, turns, within } from './helpers/within.js'

/** How many streams of a thread stay awake at once. */
const MOST = 16

function waitingPairs(t: ExecutionContext, busyPoll: BusyPoll, count: number): Promise<Pair[]> {
  return Promise.all(Array.from({ length: count }, () => waitingPair(t, busyPoll)))
}

/** Nothing is looked at any more, though the loop turns. */
async function assertAsleep(t: ExecutionContext, looks: Looks): Promise<void> {
  // The step that finds that nobody waits any more may still come.
  await turns(2)
  const { steps } = looks
  await turns(20)
  t.is(looks.steps, steps, 'somebody is still awake')
}

looksTest('a stream that is told to sleep is never looked at', async (t, looks) => {
  const streams = await waitingPair(t, 'off')
  await waits(streams, 100, () => turns(1))
  t.is(looks.steps, 0)
})

looksTest('a stream is looked at while it waits, and no longer', async (t, looks) => {
  const { client, server } = await waitingPair(t, A_SECOND)
  await assertAsleep(t, looks)
  t.is(looks.steps, 0, 'it is looked at before anybody waits')
  const read = server.read()
  await looked(looks, server)
  await client.write('now')
  t.is(text(await within(read, PATIENCE_MS, 'the bytes')), 'now')
  await assertAsleep(t, looks)
})

looksTest(
  'streams that a listener accepts wait as it was told, later ones too',
  async (t, looks) => {
    const { listener, name } = await waitingPair(t, A_SECOND)
    const client = discarded(t, await connect(name, { busyPoll: 'off' }))
    const server = await accepted(t, listener)
    const reads = [server.read(), client.read()]
    await looked(looks, server)
    t.is(looks.at(client), 0)
    await client.write('to the server')
    await server.write('to the client')
    t.deepEqual(
      (await within(Promise.all(reads), PATIENCE_MS, 'both')).map((chunk) => text(chunk)),
      ['to the server', 'to the client'],
    )
  },
)

looksTest('a stream that connects waits as it was told', async (t, looks) => {
  const { client, server } = await pair(t, { connect: { busyPoll: A_SECOND } })
  const read = client.read()
  await looked(looks, client)
  await server.write('x')
  expectX(await within(read, PATIENCE_MS, 'x'))
  await assertAsleep(t, looks)
})

looksTest('a stream that had to wait for its server waits as it was told', async (t, looks) => {
  const name = uniqueName(t)
  const connecting = connected(t, name, { busyPoll: A_SECOND, retry: true, timeout: PATIENCE_MS })
  await turns(3)
  const listener = await listening(t, name, { busyPoll: 'off' })
  const client = await connecting
  const server = await accepted(t, listener)
  const read = client.read()
  await looked(looks, client)
  await server.write('x')
  expectX(await within(read, PATIENCE_MS, 'x'))
  t.is(looks.at(server), 0)
})

looksTest('a wait that lasts longer than its time sleeps, and is woken', async (t, looks) => {
  const { client, server } = await waitingPair(t, { maxMicros: 300_000 })
  const read = server.read()
  await looked(looks, server)
  await delay(310)
  await assertAsleep(t, looks)
  await client.write('late')
  t.is(text(await within(read, PATIENCE_MS, 'what came late')), 'late')
})

looksTest('each wait of a stream is awake, and none is looked at twice', async (t, looks) => {
  const streams = await waitingPair(t, A_SECOND)
  // What a timer sends is told of by the poller, before anybody looks.
  await waits(streams, 50, () => delay(1))
  t.false(looks.repeated)
  t.is(looks.most, 1)
  const before = looks.at(streams.server)
  await waits(streams, 1, () =>
    eventually(() => looks.at(streams.server) > before, PATIENCE_MS, ''),
  )
})

adaptiveTest(
  'an adaptive stream sleeps at first, and is awake after short waits',
  async (t, looks) => {
    const streams = await waitingPair(t, 'adaptive')
    await waits(streams, 1, () => turns(5))
    t.is(looks.steps, 0, 'nothing speaks for a short wait')
    await convinced(looks, streams)
  },
)

adaptiveTest('an adaptive stream sleeps after long waits', async (t, looks) => {
  const streams = await waitingPair(t, 'adaptive')
  await convinced(looks, streams)
  await waits(streams, 10, () => delay(5))
  const { steps } = looks
  await waits(streams, 1, () => turns(20))
  t.is(looks.steps, steps)
})

looksTest('of many that wait, sixteen are awake and all are served', async (t, looks) => {
  const pairs = await waitingPairs(t, A_SECOND, 3 * MOST)
  // Who is held up for a second is asleep again before anybody looks: later rounds show it, too.
  for (let round = 0; round < 3 || (looks.most < MOST && round < 10); round += 1) {
    const reads = pairs.map(({ server }) => server.readExact(100))
    const { steps } = looks
    await eventually(() => looks.steps > steps, PATIENCE_MS, 'nobody was awake')
    for (const [index, { client }] of pairs.entries()) await client.write(bytes(100, index))
    const got = await within(Promise.all(reads), PATIENCE_MS, 'all that was sent')
    for (const [index, chunk] of got.entries()) t.deepEqual(chunk, bytes(100, index))
  }
  t.is(looks.most, MOST)
  t.false(looks.repeated)
})

looksTest('streams that closed while awake make room for others at once', async (t, looks) => {
  const pairs = await waitingPairs(t, A_SECOND, MOST)
  const others = await waitingPairs(t, A_SECOND, MOST)
  const closed = pairs.map(({ server }) => failure(server.read(), 'a read of a closed stream'))
  await eventually(() => looks.most === MOST, PATIENCE_MS, 'all are awake')
  for (const { server } of pairs) server.destroy()
  const reads = others.map(({ server }) => server.read())
  for (const error of await Promise.all(closed)) t.is(error.code, 'ERR_LOCAL_SOCKET_CLOSED')
  for (const { server } of others) await looked(looks, server)
  for (const { client } of others) await client.write('x')
  for (const chunk of await within(Promise.all(reads), PATIENCE_MS, 'every x')) expectX(chunk)
})

looksTest(
  'a stream with the number of one that closed awake is not taken for it',
  async (t, looks) => {
    const first = await waitingPair(t, A_SECOND)
    const name = uniqueName(t)
    const listener = await listening(t, name)
    const closed = failure(first.server.read(), 'the read')
    await looked(looks, first.server)
    const id = looks.idOf(first.server)
    first.server.destroy()
    const client = await connected(t, name, { busyPoll: 'off' })
    t.is(looks.idOf(client), id, 'the number was not used again')
    const read = client.read()
    t.is((await closed).code, 'ERR_LOCAL_SOCKET_CLOSED')
    await assertAsleep(t, looks)
    const server = await accepted(t, listener)
    await server.write('x')
    expectX(await within(read, PATIENCE_MS, 'x'))
  },
)

for (const [how, end] of Object.entries({
  close: (stream: Stream) => stream.close(),
  destroy: (stream: Stream) => stream.destroy(),
})) {
  looksTest(`${how} ends a wait that is awake`, async (t, looks) => {
    const { server } = await waitingPair(t, A_SECOND)
    const reads = [server.read(), server.readInto(new Uint8Array(1)), server.readExact(5)]
    const ended = Promise.all(reads.map((read) => failure(read, 'a read')))
    await looked(looks, server)
    await end(server)
    for (const error of await ended) t.is(error.code, 'ERR_LOCAL_SOCKET_CLOSED')
    await assertAsleep(t, looks)
  })
}

looksTest(
  'a signal ends a wait that is awake, and the next read gets the bytes',
  async (t, looks) => {
    const { client, server } = await waitingPair(t, A_SECOND)
    const abort = new AbortController()
    const aborted = failure(server.read({ signal: abort.signal }), 'the read')
    await looked(looks, server)
    abort.abort('enough')
    assertAbortError(t, await aborted, 'enough')
    await assertAsleep(t, looks)
    await client.write('x')
    expectX(await within(server.read(), PATIENCE_MS, 'x'))
  },
)

looksTest('a timeout ends a wait that is awake long before its time is over', async (t, looks) => {
  const { client, server } = await waitingPair(t, A_SECOND)
  const part = failure(server.readExact(4, { timeout: 250 }), 'the read')
  await looked(looks, server)
  await client.write('ab')
  t.is((await part).code, 'ERR_LOCAL_SOCKET_TIMEOUT')
  await client.write('cd')
  t.is(text(await within(server.readExact(4), PATIENCE_MS, 'all four')), 'abcd')
})

looksTest('half-close and hang-up end a wait that is awake', async (t, looks) => {
  const ways = [(client: Stream) => client.end(), (client: Stream) => client.destroy()]
  for (const end of ways) {
    const { client, server } = await waitingPair(t, A_SECOND)
    const read = server.read()
    await looked(looks, server)
    await end(client)
    t.is(await within(read, PATIENCE_MS, 'the end'), null)
    t.is(await within(server.read(), PATIENCE_MS, 'the end again'), null)
    await assertAsleep(t, looks)
  }
})

looksTest('an unreferenced stream does not keep the loop awake', async (t, looks) => {
  const { client, server } = await waitingPair(t, A_SECOND)
  server.unref()
  const read = server.read()
  await delay(100)
  // It is looked at whenever the loop turns for others, which it hardly does.
  t.true(looks.steps < 100, `${looks.steps} steps`)
  await client.write('x')
  expectX(await within(read, PATIENCE_MS, 'x'))
})

looksTest('a stream that is unreferenced while awake lets the loop sleep', async (t, looks) => {
  const { client, server } = await waitingPair(t, A_SECOND)
  const read = server.read()
  await looked(looks, server)
  server.unref()
  const { steps } = looks
  await delay(100)
  t.true(looks.steps - steps < 100, `${looks.steps - steps} steps`)
  await client.write('x')
  expectX(await within(read, PATIENCE_MS, 'x'))
})

looksTest('what a look finds is handed over before the loop goes on', async (t, looks) => {
  const { client, server } = await waitingPair(t, A_SECOND)
  let got = false
  const read = server.read().then(() => (got = true))
  const inTime = new Promise<boolean>((resolve) => {
    looks.before = () => {
      t.is(client.tryWrite('x'), 1)
      // When the step is over, and with it what continues there.
      process.nextTick(() => void microtasks(20).then(() => resolve(got)))
    }
  })
  t.true(await within(inTime, PATIENCE_MS, 'a look'))
  await read
})

quickTest(
  'who is answered by every look is looked at again within the turn, and the loop turns all the same',
  async (t, looks) => {
    const { client, server } = await waitingPair(t, A_SECOND)
    let inTurn = 0
    let most = 0
    const answer = (): void => {
      inTurn += 1
      most = Math.max(most, inTurn)
      looks.before = answer
      client.tryWrite('x')
    }
    looks.before = answer
    let goesOn = true
    const reader = (async () => {
      while (goesOn) {
        expectX(await server.read())
        await microtasks(3)
      }
    })()
    let turned = 0
    const turn = (): void => {
      inTurn = 0
      turned += 1
      if (goesOn) setImmediate(turn)
    }
    turn()
    await eventually(() => most > 1 && turned > 10, PATIENCE_MS, 'two looks in a turn, and turns')
    await delay(1)
    goesOn = false
    await within(reader, PATIENCE_MS, 'the last answer')
    t.pass()
  },
)

looksTest('who wait awake together continue each in their own async context', async (t, looks) => {
  const storage = new AsyncLocalStorage<number>()
  const pairs = await waitingPairs(t, A_SECOND, MOST)
  for (let round = 0; round < 3; round += 1) {
    const stores = pairs.map(({ server }, index) =>
      storage.run(index, async () => {
        expectX(await server.read())
        return storage.getStore()
      }),
    )
    // In the second step, so that all have joined: one look finds the bytes of all.
    looks.before = () => {
      looks.before = () => {
        for (const { client } of pairs) client.tryWrite('x')
      }
    }
    const got = await within(Promise.all(stores), PATIENCE_MS, 'all continuations')
    t.deepEqual(got, [...pairs.keys()])
  }
})

looksTest('who continues may destroy all others that wait awake', async (t, looks) => {
  const pairs = await waitingPairs(t, A_SECOND, MOST)
  const servers = pairs.map(({ server }) => server)
  const outcomes = servers.map(async (server) => {
    try {
      await server.read()
    } finally {
      for (const other of servers) other.destroy()
    }
  })
  await eventually(() => looks.most === MOST, PATIENCE_MS, 'all are awake')
  await pairs[MOST / 2]?.client.write('x')
  const settled = await within(Promise.allSettled(outcomes), PATIENCE_MS, 'every read')
  t.is(settled.filter(({ status }) => status === 'fulfilled').length, 1)
  await assertAsleep(t, looks)
  const next = await waitingPair(t, A_SECOND)
  await waits(next, 1, () => looked(looks, next.server))
})
