import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { connect as netConnect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import test, { type ExecutionContext } from 'ava'

import { A_SECOND, Looks } from '../helpers/awake.js'
import { bytes, text } from '../helpers/checksum.js'
import { smallReads } from '../helpers/flood.js'
import { uniqueFolder, uniquePath } from '../helpers/names.js'
import { pair, type Pair } from '../helpers/pair.js'
import { startProgram } from '../helpers/process.js'
import { PATIENCE_MS, eventually, turns, within } from '../helpers/within.js'

/** What else a thread does while a stream waits awake; each is over well within a second. */
const OTHERS: Readonly<Record<string, (t: ExecutionContext) => Promise<unknown>>> = {
  timers: async () => {
    for (let timer = 0; timer < 5; timer += 1) await delay(1)
  },
  immediates: () => turns(100),
  'microtasks and nextTick': async () => {
    for (let tick = 0; tick < 100; tick += 1) {
      await new Promise<void>((resolve) => process.nextTick(resolve))
    }
    await delay(1)
  },
  files: async (t) => {
    const file = join(uniqueFolder(t), 'file')
    await writeFile(file, bytes(100_000))
    t.deepEqual(new Uint8Array(await readFile(file)), bytes(100_000))
  },
  'sockets of net': async (t) => {
    const path = uniquePath(t)
    const server = createServer((socket) => socket.pipe(socket)).listen(path)
    t.teardown(() => server.close())
    await once(server, 'listening')
    const socket = netConnect(path)
    t.teardown(() => socket.destroy())
    for (let round = 0; round < 5; round += 1) {
      socket.write('ping')
      const [echo] = (await once(socket, 'data')) as [Buffer]
      t.is(echo.toString(), 'ping')
    }
  },
  'streams that sleep': async (t) => {
    const { client, server } = await pair(t, {
      listen: { busyPoll: 'off' },
      connect: { busyPoll: 'off' },
    })
    for (let round = 0; round < 5; round += 1) {
      const read = server.readExact(4)
      await turns(3)
      await client.write('ping')
      t.is(text(await read), 'ping')
    }
  },
  'new connections': async (t) => {
    for (let count = 0; count < 5; count += 1) {
      await pair(t)
      // All of it can happen without one.
      await turns(1)
    }
  },
  'child processes': async (t) => {
    const program = startProgram(t, 'alive', ['nothing opened', ''])
    t.deepEqual(await program.message('its start'), { ready: true })
  },
}

for (const [what, go] of Object.entries(OTHERS)) {
  for (const [who, count] of Object.entries({ 'a stream waits': 1, 'sixteen streams wait': 16 })) {
    // One at a time: all streams of a thread share what is watched here.
    test.serial(`${what} go on while ${who} awake`, async (t) => {
      const looks = new Looks()
      t.teardown(() => looks.stop())
      const pairs = await Promise.all(Array.from({ length: count }, () => waiting(t)))
      const reads = Promise.all(pairs.map(({ server }) => server.read()))
      // Of what fails before they are over, the test tells itself.
      reads.catch(() => undefined)
      await eventually(() => looks.most === count, PATIENCE_MS, 'all are awake')
      const { steps } = looks
      await within(go(t), PATIENCE_MS, what)
      t.true(looks.steps > steps, 'nobody was awake meanwhile')
      for (const { client } of pairs) await client.write('done')
      for (const chunk of await within(reads, PATIENCE_MS, 'what they waited for')) {
        t.is(text(chunk), 'done')
      }
    })
  }
}

test.serial('a stream that waits awake is served during a flood of others', async (t) => {
  const { client, server } = await waiting(t)
  const step = await smallReads(t)
  // Of all together: the thread that wakes this one may have to wait for a core now and then.
  let steps = 0
  for (let ping = 0; ping < 20; ping += 1) {
    let arrived = false
    const read = server.readExact(4).then(() => (arrived = true))
    await client.write('ping')
    for (; !arrived && steps < 200_000; steps += 1) await step()
    t.true(arrived, `message ${ping} had not come after ${steps} steps`)
    await read
  }
})

test.serial(
  'a flood that is read awake lets timers and other streams have their turn',
  async (t) => {
    const { client, server } = await waiting(t)
    const other = await waiting(t)
    let over = false
    let received = 0
    const flood = async (): Promise<void> => {
      const block = new Uint8Array(65_536)
      while (!over) await client.write(block)
      await client.end()
    }
    const drain = async (): Promise<void> => {
      for await (const chunk of server) received += chunk.byteLength
    }
    const probe = async (): Promise<void> => {
      for (let round = 0; round < 20; round += 1) {
        await delay(1)
        const answer = other.server.readExact(4)
        await other.client.write('ping')
        t.is(text(await answer), 'ping')
      }
      over = true
    }
    await within(Promise.all([probe(), flood(), drain()]), 3 * PATIENCE_MS, 'the probes')
    t.true(received > 0)
  },
)

/** Connected streams of which the server stays awake for as long as can be. */
function waiting(t: ExecutionContext): Promise<Pair> {
  return pair(t, { listen: { busyPoll: A_SECOND }, connect: { busyPoll: 'off' } })
}
