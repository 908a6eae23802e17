import type { ExecutionContext } from 'ava'
import type { Stream } from 'local-socket'
import { framed } from 'local-socket/framed'

import { A_SECOND } from './helpers/awake.js'
import { text } from './helpers/checksum.js'
import { failure } from './helpers/failures.js'
import { frame } from './helpers/framed.js'
import { native } from './helpers/internals.js'
import {
  adaptiveTest,
  convinced,
  expectX,
  looked,
  looksTest,
  microtasks,
  waitingPair,
  waits,
} from './helpers/looking.js'
import type { Pair } from './helpers/pair.js'
import { PATIENCE_MS, turns, within } from './helpers/within.js'

/** Ways to read one message of an `x`; each gives the `x`. */
const WAYS: Readonly<Record<string, (server: Stream) => Promise<Uint8Array | null>>> = {
  read: (server) => server.read(),
  readExact: (server) => server.readExact(1),
  readInto: async (server) => {
    const memory = new Uint8Array(8)
    return memory.subarray(0, (await server.readInto(memory)) ?? 0)
  },
  'an iteration': async (server) => {
    const { value } = await server[Symbol.asyncIterator]().next()
    return value ?? null
  },
}

for (const [how, read] of Object.entries(WAYS)) {
  looksTest(`what comes as ${how} is called is read before the loop turns`, async (t, looks) => {
    const { client, server } = await waitingPair(t, A_SECOND)
    await turns(3)
    looks.beforeAtCall = () => client.tryWrite('x')
    const reading = read(server)
    t.true(await isSettled(reading))
    expectX(await reading)
    t.is(looks.atCalls.length, 1)
    t.is(looks.steps, 0)
    await assertNextIsRead(t, { client, server }, () => (looks.beforeAtCall = undefined))
  })
}

/** Whether it is fulfilled without anything else than reactions to promises. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  promise.then(
    () => (settled = true),
    () => undefined,
  )
  await microtasks(20)
  return settled
}

/** That the poller announces once more what a look had found does no harm. */
async function assertNextIsRead(
  t: ExecutionContext,
  { client, server }: Pick<Pair, 'client' | 'server'>,
  before: () => void,
): Promise<void> {
  before()
  await turns(3)
  t.is(server.tryRead(), undefined)
  const next = server.read()
  await turns(3)
  await client.write('next')
  t.is(text(await within(next, PATIENCE_MS, 'what came next')), 'next')
}

looksTest('a framed message that comes at the call is there before a turn', async (t, looks) => {
  const { client, server } = await waitingPair(t, A_SECOND)
  const messages = framed(server)
  await turns(3)
  looks.beforeAtCall = () => client.tryWrite(frame('answer'))
  const receiving = messages.receive()
  t.true(await isSettled(receiving))
  t.is(text(await receiving), 'answer')
})

looksTest('messages gathered in this turn go before the answer is looked for', async (t, looks) => {
  const { client, server } = await waitingPair(t, A_SECOND)
  const messages = framed(server)
  await turns(3)
  const arrived: (string | undefined)[] = []
  looks.beforeAtCall = () => {
    arrived.push(text(client.tryRead() ?? null))
    client.tryWrite(frame('answer'))
  }
  messages.send('one')
  messages.send('two')
  t.is(text(await within(messages.receive(), PATIENCE_MS, 'the answer')), 'answer')
  t.deepEqual(arrived, [`${text(frame('one'))}${text(frame('two'))}`])
  looks.beforeAtCall = undefined
  messages.send('three')
  messages.send('four')
  const rest = client.readExact(2 * 4 + 'threefour'.length)
  t.is(
    text(await within(rest, PATIENCE_MS, 'the rest')),
    `${text(frame('three'))}${text(frame('four'))}`,
  )
})

looksTest('a vain look at a call is followed by steps, and the wait goes on', async (t, looks) => {
  const { client, server } = await waitingPair(t, A_SECOND)
  const reads = [server.read(), server.read()]
  t.is(looks.atCalls.length, 1, 'who stands behind another is not looked for')
  await looked(looks, server)
  await client.write('x')
  expectX(await within(reads[0] as Promise<Uint8Array>, PATIENCE_MS, 'x'))
  await client.write('x')
  expectX(await within(reads[1] as Promise<Uint8Array>, PATIENCE_MS, 'another x'))
})

looksTest('who asks for no bytes does not wait, and is not looked for', async (t, looks) => {
  const streams = await waitingPair(t, A_SECOND)
  t.is((await streams.server.readExact(0)).byteLength, 0)
  t.deepEqual(looks.atCalls, [])
  await waits(streams, 1, () => turns(1))
  t.is(looks.atCalls.length, 1)
})

looksTest('a look at a call takes no longer than the wait may', async (t, looks) => {
  for (const [maxMicros, longest] of [
    [1, 1_000],
    [3, 3_000],
    [1_000, 5_000],
  ] as const) {
    const streams = await waitingPair(t, { maxMicros })
    looks.atCalls.length = 0
    await waits(streams, 1, () => turns(1))
    t.deepEqual(looks.atCalls, [longest])
  }
})

looksTest(
  'reads that are called before their request are no longer looked for',
  async (t, looks) => {
    const streams = await waitingPair(t, A_SECOND)
    await waits(streams, 200, () => looked(looks, streams.server))
    const looksAtCalls = looks.atCalls.length
    t.true(looksAtCalls >= 1 && looksAtCalls <= 10, `${looksAtCalls} looks`)
  },
)

looksTest('the loop turns though every read is answered at the call', async (t, looks) => {
  const { client, server } = await waitingPair(t, A_SECOND)
  await turns(3)
  let due = 0
  for (let turn = 0; turn < 5; turn += 1) {
    let turned = false
    setImmediate(() => (turned = true))
    for (due = 0; !turned && due < 1_000; due += 1) {
      client.tryWrite('x')
      expectX(await within(server.read(), PATIENCE_MS, `x ${due} of turn ${turn}`))
    }
    t.true(turned && due <= 32, `${due} reads in turn ${turn}`)
  }
  let fired = false
  setTimeout(() => (fired = true), 2)
  for (due = 0; !fired && due < 100_000; due += 1) {
    client.tryWrite('x')
    expectX(await within(server.read(), PATIENCE_MS, `x ${due} before the timer`))
  }
  t.true(fired, 'the timer was held up')
  t.true(looks.atCalls.length > 0)
})

looksTest(
  'a look finds the end, and a stream that is closed is not looked at',
  async (t, looks) => {
    const { client, server } = await waitingPair(t, A_SECOND)
    await turns(3)
    looks.beforeAtCall = () => client.destroy()
    t.is(await within(server.read(), PATIENCE_MS, 'the end'), null)
    t.is(await within(server.read(), PATIENCE_MS, 'the end again'), null)
    server.destroy()
    t.is((await failure(server.read(), 'the read')).code, 'ERR_LOCAL_SOCKET_CLOSED')
    t.is(looks.atCalls.length, 1)
  },
)

adaptiveTest('an adaptive stream looks at calls once short waits convinced', async (t, looks) => {
  const streams = await waitingPair(t, 'adaptive')
  await waits(streams, 1, () => turns(1))
  t.deepEqual(looks.atCalls, [])
  await convinced(looks, streams)
  t.true(looks.atCalls.length > 0)
})

adaptiveTest('adaptive streams sleep while the thread is often interrupted', async (t, looks) => {
  const adaptive = await waitingPair(t, 'adaptive')
  const fixed = await waitingPair(t, A_SECOND)
  await convinced(looks, adaptive)
  const { calls } = native()
  const { interruptions } = calls
  let told = interruptions()
  calls.interruptions = () => (told += 1_000)
  t.teardown(() => (calls.interruptions = interruptions))
  const lookedAt = (): number => looks.at(adaptive.server) + looks.atCalls.length
  let asleep = 0
  const end = performance.now() + PATIENCE_MS
  // By chance one is not looked at, but hardly many in a row.
  while (asleep < 40 && performance.now() < end) {
    // The step that still knows of the wait before may come.
    await turns(2)
    const before = lookedAt()
    await waits(adaptive, 1, () => turns(1))
    asleep = lookedAt() === before ? asleep + 1 : 0
  }
  t.is(asleep, 40)
  const before = looks.atCalls.length
  await waits(fixed, 1, () => looked(looks, fixed.server))
  t.is(looks.atCalls.length, before + 1, 'who asked for a fixed time does not look')
  calls.interruptions = () => told
  await convinced(looks, adaptive)
})
