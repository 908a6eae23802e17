/** Many clients at once, and names that come and go: a pipe is as many instances as it has clients. */
import { connect as netConnect } from 'node:net'

import test, { type ExecutionContext } from 'ava'
import { connect, listen, type Listener } from 'local-socket'

import { text } from '../helpers/checksum.js'
import { isTaken, uniqueName, uniquePath } from '../helpers/names.js'
import { accepted, connected, discarded, listening } from '../helpers/pair.js'
import { startProgram } from '../helpers/process.js'
import { PATIENCE_MS, eventually, within } from '../helpers/within.js'

const BURST = 200

/** Echoes to each of so many clients what it sends first, and closes. */
async function serve(t: ExecutionContext, listener: Listener, count: number): Promise<void> {
  for (let client = 0; client < count; client += 1) {
    const stream = discarded(t, await listener.accept())
    void stream.readExact(8).then(async (words) => {
      await stream.write(words)
      await stream.close()
    })
  }
}

async function converse(t: ExecutionContext, name: string, index: number): Promise<void> {
  const stream = await connected(t, name)
  const words = String(index).padStart(8, '0')
  await stream.write(words)
  t.is(text(await stream.readExact(8)), words)
  t.is(await stream.read(), null)
}

test.serial(
  `${BURST} clients at once all get in, none finds the pipe busy or missing`,
  async (t) => {
    const name = uniqueName(t)
    const listener = await listening(t, name)
    for (let round = 0; round < 3; round += 1) {
      const served = serve(t, listener, BURST)
      const clients = Array.from({ length: BURST }, (_, index) => converse(t, name, index))
      await within(Promise.all([served, ...clients]), 3 * PATIENCE_MS, `${BURST} conversations`)
    }
  },
)

test.serial(`${BURST} clients of other processes all get in`, async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const served = serve(t, listener, BURST)
  const programs = Array.from({ length: 4 }, () => startProgram(t, 'storm', [name, '50']))
  for (const program of programs) {
    await program.message('50 knocks', 3 * PATIENCE_MS)
    t.deepEqual(await program.message('50 answers', 3 * PATIENCE_MS), { served: 50 })
  }
  await within(served, PATIENCE_MS, 'the last of them')
})

test.serial('clients one after the other never find the pipe missing', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const served = serve(t, listener, 500)
  for (let index = 0; index < 500; index += 1) await converse(t, name, index)
  await within(served, PATIENCE_MS, 'the last of them')
})

test.serial(
  'a listener that closes amid clients gives its name back once they have gone',
  async (t) => {
    for (let round = 0; round < 10; round += 1) {
      const path = uniquePath(t)
      const listener = await listen(path)
      const clients = Array.from({ length: 20 }, () => connect(path).catch(() => undefined))
      const served = await accepted(t, listener)
      await listener.close()
      // A pipe has its name as long as anybody has an end of it.
      served.destroy()
      for (const client of clients) void client.then((stream) => stream?.destroy())
      await within(Promise.all(clients), PATIENCE_MS, 'every connect')
      await eventually(async () => !(await isTaken(path)), PATIENCE_MS, 'the name is given back')
      const next = await listening(t, path)
      await connected(t, path)
      await accepted(t, next)
    }
    t.pass()
  },
)

test.serial('a listener gives its name back to net and to whoever is next', async (t) => {
  const path = uniquePath(t)
  for (let round = 0; round < 20; round += 1) {
    const listener = await listen(path)
    const socket = netConnect(path)
    const stream = await accepted(t, listener)
    await listener.close()
    stream.destroy()
    socket.on('error', () => undefined).destroy()
  }
  t.false(await isTaken(path))
})
