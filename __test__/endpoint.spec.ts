import { readdirSync } from 'node:fs'

import test, { type ExecutionContext } from 'ava'
import { connect, listen } from 'local-socket'

import { bytes, sha256, text } from './helpers/checksum.js'
import { failure } from './helpers/failures.js'
import { uniqueName, uniquePath } from './helpers/names.js'
import { connected, fill, listening, pair, readAll } from './helpers/pair.js'
import { unixSerial, unixTest } from './helpers/tests.js'
import { PATIENCE_MS, eventually, within } from './helpers/within.js'

function descriptors(): number {
  return readdirSync('/dev/fd').length
}

async function assertGivenBack(t: ExecutionContext, use: () => Promise<void>): Promise<void> {
  // The poller, and whatever Node opens at first use, is there to stay.
  await use()
  const before = descriptors()
  for (let round = 0; round < 50; round += 1) await use()
  await eventually(() => descriptors() <= before, PATIENCE_MS, 'all descriptors were given back')
  t.pass()
}

unixSerial('closed streams and listeners give their descriptors back', async (t) => {
  const path = uniquePath(t)
  await assertGivenBack(t, async () => {
    const listener = await listen(path)
    const client = await connect(path)
    const server = await listener.accept()
    await client.write('unread')
    await Promise.all([client.close(), server.close(), listener.close()])
  })
})

unixSerial('destroyed streams give their descriptors back, whatever was under way', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  await assertGivenBack(t, async () => {
    const client = await connect(name)
    const server = await listener.accept()
    fill(client)
    const pending = [client.read(), client.write('x'), client.end(), server.readExact(1e9)]
    const failures = pending.map((promise) => failure(promise, 'a pending operation'))
    client.destroy()
    server.destroy()
    await Promise.all(failures)
  })
})

unixSerial('calls that fail or are given up leave no descriptor behind', async (t) => {
  const name = uniqueName(t)
  const full = uniqueName(t)
  const fullListener = await listening(t, full, { backlog: 0 })
  const queued = await connected(t, full)
  await listening(t, name)
  await assertGivenBack(t, async () => {
    await failure(connect(uniqueName(t)), 'connect to nobody')
    await failure(connect(full, { timeout: 3 }), 'connect to a full backlog')
    await failure(connect(name, { signal: AbortSignal.abort() }), 'an aborted connect')
    await failure(listen(name), 'listen on a name that is taken')
    await failure(listen(`${uniquePath(t)}/no/folder`), 'listen in no folder')
    await failure(fullListener.accept({ signal: AbortSignal.abort() }), 'an aborted accept')
  })
  t.false(queued.closed)
})

unixSerial('connections that nobody accepted are closed with their listener', async (t) => {
  await assertGivenBack(t, async () => {
    const name = uniqueName(t)
    const listener = await listen(name)
    const clients = await Promise.all(Array.from({ length: 5 }, () => connect(name)))
    await listener.close()
    for (const client of clients) client.destroy()
  })
})

unixTest(
  'fd is -1 once the stream is closed, so that nobody uses another file by mistake',
  async (t) => {
    const { client } = await pair(t)
    t.true(client.fd >= 0)
    await client.close()
    t.is(client.fd, -1)
  },
)

test('streams that come and go in turn never see the bytes of those before them', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  for (let round = 0; round < 500; round += 1) {
    const client = await connect(name)
    const server = await listener.accept()
    const message = `round ${round}`
    const reading = server.read()
    await client.write(message)
    t.is(text(await within(reading, PATIENCE_MS, message)), message)
    // Events for these two may still be under way when their numbers are given to the next.
    await client.write('left behind')
    if (round % 2 === 0) server.destroy()
    client.destroy()
    server.destroy()
  }
})

test('many streams at once each keep their own bytes and their own end', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const serve = async (): Promise<void> => {
    for await (const stream of listener) {
      void (async () => {
        for await (const chunk of stream) await stream.write(chunk)
        await stream.close()
      })()
    }
  }
  const serving = serve()
  await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const stream = await connected(t, name)
      const data = bytes(10_000 + index * 1000, index)
      const writing = stream.write(data).then(() => stream.end())
      t.is((await readAll(stream)).digest, sha256(data))
      await writing
    }),
  )
  await listener.close()
  await within(serving, PATIENCE_MS, 'the server to stop')
})

test('ref and unref of closed endpoints do not disturb others that are open', async (t) => {
  const one = await pair(t)
  const two = await pair(t)
  await one.client.close()
  one.client.unref()
  one.client.ref()
  one.client.unref()
  await one.listener.close()
  one.listener.unref()
  await two.client.write('still served')
  t.is(text(await within(two.server.read(), PATIENCE_MS, 'still served')), 'still served')
})
