import { setTimeout as delay } from 'node:timers/promises'

import test, { type ExecutionContext } from 'ava'
import type { Listener, Stream } from 'local-socket'

import { uniquePath } from '../helpers/names.js'
import { FLOODS, flooded, largeReads, smallReads } from '../helpers/flood.js'
import { accepted, connected, listening, pair } from '../helpers/pair.js'
import { peerTest } from '../helpers/peers.js'
import { start, startProgram } from '../helpers/process.js'
import { PATIENCE_MS, within } from '../helpers/within.js'

/** Seconds of work: a thread that is fair has long turned its loop by then. */
const LIMIT = 400_000

/**
 * What may pass before something else on the same loop has had its turn twenty times. Not before
 * each: the thread that wakes this one may have to wait for a core now and then.
 */
const FEW = 200_000

const GIB = 1_073_741_824

// One at a time, so that a flood has this process to itself.
for (const [kind, begin] of Object.entries(FLOODS)) {
  test.serial(`a timer fires during a flood of ${kind}`, async (t) => {
    const step = await begin(t)
    let fired = false
    setTimeout(() => (fired = true), 10)
    const steps = await flooded(step, () => fired, LIMIT)
    t.true(fired, `no timer in ${steps} steps`)
  })

  test.serial(`a sibling's messages get through a flood of ${kind}`, async (t) => {
    const step = await begin(t)
    const { client, server } = await pair(t)
    let left = FEW
    for (let ping = 0; ping < 20; ping += 1) {
      let arrived = false
      const read = server.readExact(4).then(() => (arrived = true))
      await client.write('ping')
      left -= await flooded(step, () => arrived, left)
      t.true(arrived, `message ${ping} had not come after ${FEW - left} steps`)
      await read
    }
  })
}

test.serial('new connections are accepted during a flood', async (t) => {
  const step = await smallReads(t)
  const path = uniquePath(t)
  const listener = await listening(t, path)
  let open = false
  const accept = accepted(t, listener).then(() => (open = true))
  await connected(t, path)
  t.true((await flooded(step, () => open, FEW)) < FEW)
  await accept
})

test.serial('timeouts and signals work during a flood', async (t) => {
  const step = await smallReads(t)
  const { server } = await pair(t)
  const codes: string[] = []
  const note = (error: NodeJS.ErrnoException): void => void codes.push(error.code ?? error.name)
  const waits = [
    server.read({ timeout: 10 }).catch(note),
    server.read({ signal: AbortSignal.timeout(10) }).catch(note),
  ]
  await flooded(step, () => codes.length === 2, LIMIT)
  t.deepEqual(codes.toSorted(), ['ABORT_ERR', 'ERR_LOCAL_SOCKET_TIMEOUT'])
  await Promise.all(waits)
})

for (const [kind, begin] of Object.entries({ small: smallReads, large: largeReads })) {
  // More than have a turn before the budget of that turn is used up.
  test.serial(`fifty floods of ${kind} reads in one thread get equal shares`, async (t) => {
    const steps = await Promise.all(Array.from({ length: 50 }, () => begin(t)))
    let total = 0
    const runs = steps.map((step) => flooded(step, () => (total += 1) > 10_000, LIMIT))
    const counts = await within(Promise.all(runs), 3 * PATIENCE_MS, 'fifty floods')
    t.true(Math.min(...counts) > Math.max(...counts) / 2, `the shares were ${counts.join(', ')}`)
  })
}

test.serial('thousands of reads queued on one stream let a sibling through', async (t) => {
  const { client, server } = await pair(t)
  const sibling = await pair(t)
  let done = 0
  const reads = Array.from({ length: 10_000 }, async () => {
    await server.readInto(new Uint8Array(10))
    done += 1
  })
  const message = sibling.server.readExact(4).then(() => done)
  await client.write(new Uint8Array(100_000))
  await sibling.client.write('ping')
  const before = await within(message, PATIENCE_MS, 'the message')
  t.true(before < 5_000, `${before} reads went before it`)
  await within(Promise.all(reads), PATIENCE_MS, 'all reads')
})

test.serial('timers and siblings have their turn while other processes flood', async (t) => {
  const path = uniquePath(t)
  const listener = await listening(t, path)
  for (let count = 0; count < 2; count += 1) startProgram(t, 'flood', [path, '65536'])
  await survivesFlood(t, [await accepted(t, listener), await accepted(t, listener)])
})

test.serial('timers have their turn while processes flood with small messages', async (t) => {
  const path = uniquePath(t)
  const listener = await listening(t, path)
  for (let count = 0; count < 2; count += 1) startProgram(t, 'flood', [path, '64'])
  await survivesFlood(t, [await accepted(t, listener), await accepted(t, listener)])
})

peerTest(
  'bench_peer',
  'timers and siblings have their turn while native programs flood',
  async (t, program) => {
    const path = uniquePath(t)
    const listener: Listener = await listening(t, path)
    const floods: Stream[] = []
    for (let count = 0; count < 2; count += 1) {
      start(t, program, ['flood', path, '65536', '100000000'])
      floods.push(await accepted(t, listener))
    }
    await survivesFlood(t, floods)
  },
)

/** Reads the floods until a timer has fired 20 times and a sibling was heard 20 times. */
async function survivesFlood(t: ExecutionContext, floods: readonly Stream[]): Promise<void> {
  const { client, server } = await pair(t)
  let received = 0
  for (const stream of floods) {
    await within(stream.readExact(64), PATIENCE_MS, 'a flood to begin')
  }
  const probing = { over: false }
  const drains = floods.map(async (stream) => {
    for await (const chunk of stream) {
      received += chunk.byteLength
      if (probing.over || received > 64 * GIB) break
    }
    stream.destroy()
  })
  const passed: { timer: number; sibling: number; late: number }[] = []
  const probe = async (): Promise<void> => {
    for (let round = 0; round < 20; round += 1) {
      const before = received
      const began = performance.now()
      await delay(10)
      const late = performance.now() - began - 10
      const timer = received - before
      const [answer] = await Promise.all([server.readExact(4), client.write('ping')])
      t.is(answer.byteLength, 4)
      passed.push({ timer, sibling: received - before - timer, late })
    }
    probing.over = true
  }
  await within(Promise.all([probe(), ...drains]), 3 * PATIENCE_MS, '20 timers and 20 messages')
  t.true(passed.filter(({ timer }) => timer > 0).length >= 5, 'it was a flood')
  t.true(median(passed.map(({ late }) => late)) < 100, 'timers were late')
  t.true(median(passed.map(({ timer }) => timer)) < GIB, 'a gigabyte passed before a timer fired')
  t.true(median(passed.map(({ sibling }) => sibling)) < GIB / 4, 'a sibling had to wait')
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}
