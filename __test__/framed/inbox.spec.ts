import { AsyncLocalStorage } from 'node:async_hooks'

import test from 'ava'
import { Stream, type RecvHalf } from 'local-socket'
import { framed, Framed, type Batch } from 'local-socket/framed'

import { text } from '../helpers/checksum.js'
import { failure, rejectsWith, throwsWith, wrong } from '../helpers/failures.js'
import { frame, framedPair, halfFramed, received, sendAll, take } from '../helpers/framed.js'
import { pair } from '../helpers/pair.js'
import { eventually, PATIENCE_MS, turns, within } from '../helpers/within.js'

const numbers = (count: number, first = 0): string[] =>
  Array.from({ length: count }, (_, index) => String(first + index))

const WAYS = ['receive', 'an iteration over messages', 'borrowed batches', 'onBatch']

test('leaving an iteration over messages leaves the rest to whoever receives next', async (t) => {
  const { client, server } = await framedPair(t)
  await sendAll(client, numbers(1000))
  const got: string[] = []
  for (let round = 0; got.length < 990; round += 1) {
    const taken = await take(round % 2 === 0 ? 'an iteration over messages' : 'receive', server, 9)
    got.push(...taken.map(text))
  }
  for (const message of await take('borrowed batches', server, 10)) got.push(text(message))
  t.deepEqual(got, numbers(1000))
})

for (const from of WAYS) {
  for (const to of WAYS) {
    test(`messages go on by ${to} where they were taken by ${from}`, async (t) => {
      const { client, server } = await framedPair(t)
      for (let round = 0; round < 3; round += 1) {
        for (const way of [from, to]) {
          await sendAll(client, numbers(5))
          t.deepEqual((await take(way, server, 5)).map(text), numbers(5))
        }
      }
    })
  }
}

test('only one can take messages at a time, and a second one is told who does', async (t) => {
  const { client, server } = await framedPair(t)
  const refused = async (who: RegExp): Promise<void> => {
    const second = server[Symbol.asyncIterator]()
    for (const step of [() => second.next(), () => server.batches().next()]) {
      const error = await rejectsWith(t, 'ERR_LOCAL_SOCKET_LOCKED', step, 'a second one')
      t.regex(error.message, who)
    }
  }
  const setting = (): void => void (server.onBatch = () => undefined)

  const messages = server[Symbol.asyncIterator]()
  const step = messages.next()
  await refused(/an iteration is under way/)
  throwsWith(t, 'ERR_LOCAL_SOCKET_LOCKED', setting, 'onBatch')
  client.send('for the iteration')
  t.is(text((await step).value as Uint8Array), 'for the iteration')
  await refused(/an iteration is under way/)
  await messages.return?.()

  const batches = server.batches()
  const batch = batches.next()
  await refused(/an iteration is under way/)
  throwsWith(t, 'ERR_LOCAL_SOCKET_LOCKED', setting, 'onBatch')
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_LOCKED', () => server.receive(), 'receive')
  client.send('for the batches')
  await batch
  await batches.return?.()

  setting()
  await refused(/messages go to onBatch/)
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_LOCKED', () => server.receive(), 'receive')
  server.onBatch = undefined

  const receive = server.receive()
  throwsWith(t, 'ERR_LOCAL_SOCKET_LOCKED', setting, 'onBatch')
  client.send('for the receive')
  t.is(text(await within(receive, PATIENCE_MS, 'the receive')), 'for the receive')
  setting()
})

test('receive may be called within an iteration over messages', async (t) => {
  const { client, server } = await framedPair(t)
  await sendAll(client, numbers(100))
  await client.end()
  const got: string[] = []
  for await (const message of server) got.push(text(message), text(await received(server)))
  t.deepEqual(got, numbers(100))
})

test('an iteration that was left stays left', async (t) => {
  const { client, server } = await framedPair(t)
  for (const iteration of [server[Symbol.asyncIterator](), server.batches()]) {
    await iteration.return?.()
    t.deepEqual(await iteration.next(), { done: true, value: undefined })
  }
  client.send('still there')
  t.is(text(await received(server)), 'still there')
})

test('onBatch is not called while it is being set, also where messages are waiting', async (t) => {
  const { client, server } = await framedPair(t)
  await sendAll(client, numbers(10))
  t.is(text(await received(server)), '0')
  const got: string[] = []
  server.onBatch = (batch) => got.push(...Array.from(batch, text))
  t.deepEqual(got, [])
  await eventually(() => got.length === 9, PATIENCE_MS, 'the other nine')
  t.deepEqual(got, numbers(9, 1))
})

test('onBatch undefined pauses, also from within, and nothing is lost', async (t) => {
  const { client, server, streams } = await framedPair(t)
  const got: string[] = []
  const once = (batch: Batch): void => {
    got.push(...Array.from(batch, text))
    server.onBatch = undefined
  }
  for (let round = 0; round < 20; round += 1) {
    await sendAll(client, numbers(10, round * 10))
    const { bytesRead } = streams.server
    await turns()
    t.is(streams.server.bytesRead, bytesRead, 'paused, it reads nothing')
    while (got.length < (round + 1) * 10) {
      server.onBatch = once
      await eventually(() => server.onBatch === undefined, PATIENCE_MS, 'a batch')
    }
  }
  t.deepEqual(got, numbers(200))
})

test('onBatch can be exchanged, also from within', async (t) => {
  const { client, server } = await framedPair(t)
  const got: string[] = []
  const second = (batch: Batch): void => void got.push(`second ${text(batch.at(0))}`)
  server.onBatch = (batch) => {
    got.push(`first ${text(batch.at(0))}`)
    server.onBatch = second
    t.is(server.onBatch, second)
  }
  client.send('a')
  await eventually(() => got.length === 1, PATIENCE_MS, 'a')
  client.send('b')
  await eventually(() => got.length === 2, PATIENCE_MS, 'b')
  t.deepEqual(got, ['first a', 'second b'])
})

test('onBatch set anew within the callback that unset it goes on', async (t) => {
  const { client, server } = await framedPair(t)
  let depth = 0
  let count = 0
  const again = (batch: Batch): void => {
    t.is(depth, 0, 'never within another call')
    depth += 1
    count += batch.length
    server.onBatch = undefined
    server.onBatch = again
    depth -= 1
  }
  server.onBatch = again
  for (let index = 0; index < 50; index += 1) {
    client.send('x')
    await turns(1)
  }
  await eventually(() => count === 50, PATIENCE_MS, 'all')
})

test('a batch is over when onBatch returns', async (t) => {
  const { client, server } = await framedPair(t)
  let kept: Batch | undefined
  server.onBatch = (batch) => (kept = batch)
  client.send('gone')
  await eventually(() => kept !== undefined, PATIENCE_MS, 'a batch')
  t.is(kept?.length, 0)
  throwsWith(t, 'ERR_OUT_OF_RANGE', () => kept?.at(0), 'a batch that is over')
})

test('what takes messages runs in the context in which it was started', async (t) => {
  const { client, server } = await framedPair(t)
  const storage = new AsyncLocalStorage<string>()
  const seen: (string | undefined)[] = []
  const run = async (): Promise<void> => {
    await received(server)
    seen.push(storage.getStore())
    for await (const message of server) {
      seen.push(text(message), storage.getStore())
      break
    }
    server.onBatch = () => {
      seen.push(storage.getStore())
      server.onBatch = undefined
    }
  }
  const running = storage.run('mine', run)
  for (const word of ['one', 'two', 'three']) {
    storage.run('the sender', () => client.send(word))
    await turns()
  }
  await running
  await eventually(() => seen.length === 4, PATIENCE_MS, 'the last one')
  t.deepEqual(seen, ['mine', 'two', 'mine', 'mine'])
})

test('bad arguments are refused by name', async (t) => {
  const { server } = await framedPair(t)
  throwsWith(t, 'ERR_INVALID_ARG_VALUE', () => server.batches(wrong({ own: true })), 'batches')
  throwsWith(t, 'ERR_INVALID_ARG_TYPE', () => server.batches(wrong({ copy: 1 })), 'batches')
  throwsWith(t, 'ERR_INVALID_ARG_TYPE', () => (server.onBatch = wrong('x')), 'onBatch')
  await rejectsWith(t, 'ERR_INVALID_ARG_VALUE', () => server.receive(wrong({ size: 1 })), 'receive')
  await rejectsWith(t, 'ERR_OUT_OF_RANGE', () => server.drained({ timeout: -1 }), 'drained')
  throwsWith(t, 'ERR_ILLEGAL_CONSTRUCTOR', () => Reflect.construct(Framed, []), 'new Framed')
})

test('a framed stream is locked, and says so', async (t) => {
  const { client } = await pair(t)
  const messages = framed(client)
  const calls: (() => Promise<unknown>)[] = [
    () => client.read(),
    () => client.readInto(new Uint8Array(1)),
    () => client.readExact(1),
    () => client.write('x'),
    () => client.end(),
  ]
  for (const call of calls) {
    const error = await rejectsWith(t, 'ERR_LOCAL_SOCKET_LOCKED', call, String(call))
    t.regex(error.message, /the stream is framed/)
  }
  for (const call of [
    () => client.tryRead(),
    () => client.tryWrite('x'),
    () => client.cork(),
    () => client.split(),
    () => client[Symbol.asyncIterator](),
    () => framed(client),
  ]) {
    throwsWith(t, 'ERR_LOCAL_SOCKET_LOCKED', call, String(call))
  }
  t.is(messages.fd, client.fd)
  t.deepEqual(messages.peer, client.peer)
  t.is(messages.ref().unref(), messages)
  await client.close()
  t.true(messages.closed)
})

test('a stream that somebody else has a hold on is not framed, and stays as it was', async (t) => {
  const locked = 'ERR_LOCAL_SOCKET_LOCKED'
  const { client, server } = await pair(t)
  const read = server.read()
  throwsWith(t, locked, () => framed(server), 'a stream with a read that waits')
  client.cork()
  throwsWith(t, locked, () => framed(client), 'a stream that is corked')
  client.uncork()
  await client.write('for the read')
  t.is(text(await within(read, PATIENCE_MS, 'the read')), 'for the read')
  const halves: { recv: RecvHalf } = server.split()
  throwsWith(t, locked, () => framed(server), 'a stream that is split')
  t.true(halves.recv !== undefined)
  client.destroy()
  throwsWith(t, 'ERR_LOCAL_SOCKET_CLOSED', () => framed(client), 'a stream that is closed')
  t.true(client instanceof Stream)
})

/** Takes messages for as long as there are some. */
const FLOODED: Readonly<Record<string, (messages: Framed) => Promise<unknown>>> = {
  receive: async (messages) => {
    while ((await messages.receive()) !== null);
  },
  'an iteration over messages': async (messages) => {
    for await (const message of messages) if (message.byteLength !== 16) throw new Error('broken')
  },
  'borrowed batches': async (messages) => {
    for await (const batch of messages.batches()) if (batch.length === 0) throw new Error('empty')
  },
  onBatch: (messages) => {
    messages.onBatch = () => undefined
    return messages.ended
  },
}

for (const [way, run] of Object.entries(FLOODED)) {
  test.serial(`timers and siblings have their turn in a flood of messages by ${way}`, async (t) => {
    const { client, server } = await framedPair(t)
    const sibling = await framedPair(t)
    const flooded = run(server)
    const message = new Uint8Array(16)
    let over = false
    // A starved thread would never get to a deadline: so there is an end to the flood.
    const limit = 10_000_000
    let sent = 0
    const flood = (async () => {
      for (; !over && sent < limit; sent += 1) if (!client.send(message)) await client.drained()
      await client.end()
    })()
    let pings = 0
    for (; pings < 10 && sent < limit; pings += 1) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      sibling.client.send('ping')
      t.is(text(await received(sibling.server)), 'ping')
    }
    over = true
    t.is(pings, 10, `${sent} messages went meanwhile`)
    await within(Promise.all([flood, flooded]), PATIENCE_MS, 'the end of the flood')
  })
}

test('batches may follow onBatch from within its callback, and nothing is lost', async (t) => {
  const { client, server } = await framedPair(t)
  const all = numbers(50_000)
  const got: string[] = []
  let loop: Promise<void> | undefined
  server.onBatch = (batch) => {
    got.push(...Array.from(batch, text))
    server.onBatch = undefined
    loop = (async () => {
      for await (const next of server.batches()) {
        t.true(next.length > 0)
        got.push(...Array.from(next, text))
      }
    })()
  }
  await sendAll(client, all)
  await client.end()
  await within(server.ended, PATIENCE_MS, 'the end')
  await loop
  t.deepEqual(got, all)
})

for (const way of WAYS) {
  test.serial(`where memory runs out, ${way} tells, and the connection is closed`, async (t) => {
    const { messages, raw } = await halfFramed(t)
    const ended = messages.ended
    const taking = way === 'onBatch' ? undefined : take(way, messages, 1)
    if (taking === undefined) messages.onBatch = () => t.fail('there is no memory for a batch')
    const { allocUnsafeSlow } = Buffer
    t.teardown(() => (Buffer.allocUnsafeSlow = allocUnsafeSlow))
    Buffer.allocUnsafeSlow = () => {
      throw new RangeError('no memory')
    }
    // Of a length for which no memory was used before and kept.
    raw.write(frame(new Uint8Array(5_000_000))).catch(() => undefined)
    for (const promise of [ended, taking]) {
      if (promise === undefined) continue
      t.is((await failure(promise, way)).message, 'no memory')
    }
    t.true(messages.closed)
    messages.onBatch = undefined
  })
}
