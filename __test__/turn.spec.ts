import test from 'ava'
import { connect, listen } from 'local-socket'

import { uniqueName } from './helpers/names.js'
import { discarded, pair, type Pair } from './helpers/pair.js'
import { PATIENCE_MS, within } from './helpers/within.js'

const MIB = 1024 * 1024

/** Far more than any sensible budget for one turn, far less than what passes in a starved loop. */
const MANY_OPERATIONS = 20_000
const MANY_BYTES = 64 * MIB

/** Runs `step` until `stop` says so or `limit` is reached; gives how often it ran. */
async function repeat(
  step: () => Promise<unknown>,
  limit: number,
  stop: () => boolean,
): Promise<number> {
  let count = 0
  while (count < limit && !stop()) {
    await step()
    count += 1
  }
  return count
}

test.serial(
  'reads and writes that always succeed at once do not hold up setImmediate',
  async (t) => {
    const { client, server } = await pair(t)
    const byte = new Uint8Array(1)
    const pingPong = async (): Promise<void> => {
      await client.write(byte)
      await server.read()
    }
    for (let round = 0; round < 5; round += 1) {
      let turned = false
      setImmediate(() => (turned = true))
      const count = await within(
        repeat(pingPong, MANY_OPERATIONS, () => turned),
        PATIENCE_MS,
        'a turn of the loop',
      )
      t.true(turned && count < MANY_OPERATIONS, `${count} operations without a turn`)
    }
  },
)

test.serial('large reads that always succeed at once do not hold up a timer', async (t) => {
  const { client, server } = await pair(t)
  const block = new Uint8Array(65_536)
  const memory = new Uint8Array(65_536)
  let fired = false
  setTimeout(() => (fired = true), 1)
  const pass = async (): Promise<void> => {
    await client.write(block)
    await server.readInto(memory)
  }
  const limit = (16 * MANY_BYTES) / block.byteLength
  const count = await within(
    repeat(pass, limit, () => fired),
    PATIENCE_MS,
    'a timer of 1 ms',
  )
  t.true(fired && count < limit, `${(count * block.byteLength) / MIB} MiB before the timer`)
})

test.serial('reads at the end of a stream do not hold up the loop either', async (t) => {
  const { client, server } = await pair(t)
  await client.end()
  t.is(await within(server.read(), PATIENCE_MS, 'the end'), null)
  let turned = false
  setImmediate(() => (turned = true))
  const count = await within(
    repeat(
      () => server.read(),
      MANY_OPERATIONS,
      () => turned,
    ),
    PATIENCE_MS,
    'a turn of the loop',
  )
  t.true(turned, `${count} reads of the end without a turn`)
})

test.serial('accepts of connections that are waiting do not hold up the loop', async (t) => {
  const { listener, name } = await pair(t, { listen: { backlog: 4096 } })
  for (let count = 0; count < 600; count += 1) discarded(t, await connect(name))
  let turned = false
  setImmediate(() => (turned = true))
  const count = await repeat(
    async () => discarded(t, await listener.accept()),
    600,
    () => turned,
  )
  t.true(turned && count < 600, `${count} accepts without a turn`)
})

test.serial('connects that succeed at once do not hold up the loop', async (t) => {
  const { name } = await pair(t, { listen: { backlog: 4096 } })
  let turned = false
  setImmediate(() => (turned = true))
  const count = await repeat(
    async () => discarded(t, await connect(name)),
    1000,
    () => turned,
  )
  t.true(turned && count < 1000, `${count} connects without a turn`)
})

test.serial('connects that fail at once do not hold up the loop', async (t) => {
  const name = uniqueName(t)
  let turned = false
  setImmediate(() => (turned = true))
  const count = await repeat(
    () => connect(name).catch(() => undefined),
    MANY_OPERATIONS,
    () => turned,
  )
  t.true(turned && count < MANY_OPERATIONS, `${count} attempts without a turn`)
})

test.serial('listening and closing over and over does not hold up the loop', async (t) => {
  const name = uniqueName(t)
  let turned = false
  setImmediate(() => (turned = true))
  const listenAndClose = async (): Promise<void> => {
    const listener = await listen(name)
    await listener.close()
  }
  const count = await repeat(listenAndClose, 2000, () => turned)
  t.true(turned && count < 2000, `${count} listeners without a turn`)
})

test.serial('streams that are all ready take turns', async (t) => {
  const pairs = await Promise.all(Array.from({ length: 8 }, () => pair(t)))
  const block = new Uint8Array(32_768)
  const passed = pairs.map(() => 0)
  let left = MANY_BYTES
  const flood = async ({ client, server }: Pair, index: number): Promise<void> => {
    while (left > 0) {
      await client.write(block)
      const length = (await server.read())?.byteLength ?? 0
      passed[index] = (passed[index] ?? 0) + length
      left -= length
    }
  }
  await within(Promise.all(pairs.map(flood)), PATIENCE_MS, 'the floods to stop')
  const most = Math.max(...passed)
  const least = Math.min(...passed)
  t.true(least > 0 && most < 4 * least, passed.join(' '))
})

test.serial('a quiet stream gets through while its sibling is flooded', async (t) => {
  const flooded = await pair(t)
  const quiet = await pair(t)
  const block = new Uint8Array(65_536)
  let running = true
  let passed = 0
  const flood = async (): Promise<void> => {
    while (running) {
      await flooded.client.write(block)
      const chunk = await flooded.server.read()
      passed += chunk?.byteLength ?? 0
    }
  }
  const flooding = flood()
  for (let ping = 0; ping < 20; ping += 1) {
    await quiet.client.write('ping')
    await within(quiet.server.readExact(4), PATIENCE_MS, 'a ping during the flood')
  }
  running = false
  // On the average: the thread that wakes this one may have to wait for a core now and then.
  t.true(passed < 20 * MANY_BYTES, `${passed / MIB} MiB passed during 20 pings`)
  await within(flooding, PATIENCE_MS, 'the flood to stop')
})

test.serial('what is past the budget still settles, in the order of the calls', async (t) => {
  const { client, server } = await pair(t)
  const order: number[] = []
  const count = 3000
  const writes = Array.from({ length: count }, (_, index) =>
    client.write(new Uint8Array(8)).then(() => void order.push(index)),
  )
  const reads = Array.from({ length: count }, (_, index) =>
    server.readExact(8).then(() => void order.push(count + index)),
  )
  await within(Promise.all([...writes, ...reads]), PATIENCE_MS, 'all operations')
  t.deepEqual(
    order.filter((index) => index < count),
    Array.from({ length: count }, (_, index) => index),
  )
  t.deepEqual(
    order.filter((index) => index >= count),
    Array.from({ length: count }, (_, index) => count + index),
  )
})

test.serial('tryRead and tryWrite are not held back by the budget', async (t) => {
  const { client, server } = await pair(t)
  const block = new Uint8Array(16_384)
  let passed = 0
  for (let count = 0; count < 1000; count += 1) {
    const taken = client.tryWrite(block)
    t.is(taken, block.byteLength)
    for (let left = taken; left > 0;) {
      const chunk = server.tryRead()
      if (!chunk) throw new Error(`tryRead gave ${String(chunk)} with ${left} bytes waiting`)
      left -= chunk.byteLength
      passed += chunk.byteLength
    }
  }
  t.is(passed, 1000 * block.byteLength)
})
