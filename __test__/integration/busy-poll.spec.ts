import test, { type ExecutionContext } from 'ava'
import type { BusyPoll, Stream } from 'local-socket'

import { AWAKE, A_SECOND } from '../helpers/awake.js'
import { bytes, Checksum, sha256 } from '../helpers/checksum.js'
import { failure } from '../helpers/failures.js'
import { uniqueName } from '../helpers/names.js'
import { numbered, NumberedCheck } from '../helpers/numbered.js'
import { accepted, connected, listening, pair } from '../helpers/pair.js'
import { startProgram } from '../helpers/process.js'
import { PATIENCE_MS, turns, within } from '../helpers/within.js'

const KIB = 1024
const MIB = 1024 * KIB

/** Around the sizes at which reads are done in another way: copied, tried again, in two parts. */
const SIZES = [1, 2, 63, 64, 1_000, 4_096, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537, 300_000]

// Who waits awake wants a core: one at a time.
for (const [how, busyPoll] of Object.entries(AWAKE)) {
  test.serial(`round trips of every size are whole with ${how} at both ends`, async (t) => {
    const stream = await toEcho(t, busyPoll)
    for (const [index, size] of SIZES.entries()) {
      for (let round = 0; round < 5; round += 1) {
        const sent = bytes(size, index + round)
        const answer = stream.readExact(size)
        await stream.write(sent)
        const got = await within(answer, PATIENCE_MS, `an echo of ${size} bytes`)
        t.is(sha256(got), sha256(sent), `${size} bytes`)
      }
    }
  })

  test.serial(`bulk both ways, then half-close, is whole with ${how}`, async (t) => {
    const stream = await toEcho(t, busyPoll)
    const payload = bytes(16 * MIB, 3)
    const sum = new Checksum()
    const drain = async (): Promise<void> => {
      for await (const chunk of stream) sum.add(chunk)
    }
    const send = async (): Promise<void> => {
      await stream.write(payload)
      await stream.end()
    }
    await within(Promise.all([drain(), send()]), 3 * PATIENCE_MS, 'the echo to its end')
    t.is(sum.length, payload.byteLength)
    t.is(sum.digest(), sha256(payload))
  })

  test.serial(`small writes under way at once keep their order with ${how}`, async (t) => {
    const stream = await toEcho(t, busyPoll)
    const count = 20_000
    const check = new NumberedCheck()
    const drain = async (): Promise<void> => {
      const memory = new Uint8Array(1_000)
      while (check.length < 4 * count) {
        const length = await stream.readInto(memory)
        if (length === null) return
        check.add(memory.subarray(0, length))
      }
    }
    const send = async (): Promise<void> => {
      for (let first = 0; first < count; first += 8) {
        await stream.write(numbered(first, 8))
        if (first % 800 === 0) await turns(1)
      }
    }
    await within(Promise.all([drain(), send()]), 3 * PATIENCE_MS, 'all numbers')
    t.is(check.length, 4 * count)
  })

  test.serial(`two ends in one thread with ${how} at both serve each other`, async (t) => {
    const { client, server } = await pair(t, { listen: { busyPoll }, connect: { busyPoll } })
    const rounds = 500
    const ends = [server, client].map(async (stream, index) => {
      for (let round = 0; round < rounds; round += 1) {
        if (index === 1) await stream.write(numbered(round, 2))
        t.deepEqual(await stream.readExact(8), numbered(round, 2))
        if (index === 0) await stream.write(numbered(round, 2))
      }
    })
    await within(Promise.all(ends), PATIENCE_MS, `${rounds} round trips`)
  })

  test.serial(`halves flood both ways with ${how}`, async (t) => {
    const { client, server } = await pair(t, { listen: { busyPoll }, connect: { busyPoll } })
    const floods = [client, server].map(async (stream, index) => {
      const { recv, send } = stream.split()
      const sum = new Checksum()
      const drain = async (): Promise<void> => {
        for await (const chunk of recv) sum.add(chunk)
      }
      const flood = async (): Promise<void> => {
        for (let block = 0; block < 64; block += 1) await send.write(bytes(65_536, index))
        await send.close()
      }
      await Promise.all([drain(), flood()])
      await recv.close()
      return sum
    })
    const sums = await within(Promise.all(floods), 3 * PATIENCE_MS, 'both floods')
    for (const [index, sum] of sums.entries()) {
      const block = bytes(65_536, 1 - index)
      t.is(sum.digest(), sha256(...Array.from({ length: 64 }, () => block)))
    }
  })

  test.serial(`reads that stand in line are served in order with ${how}`, async (t) => {
    const { client, server } = await pair(t, { listen: { busyPoll } })
    const reads = Array.from({ length: 200 }, () => server.readExact(4))
    for (let first = 0; first < 200; first += 10) {
      await client.write(numbered(first, 10))
      await turns(1)
    }
    const got = await within(Promise.all(reads), PATIENCE_MS, 'all reads')
    for (const [index, chunk] of got.entries()) t.deepEqual(chunk, numbered(index, 1))
  })

  test.serial(`a peer killed during ${how} ends the reads and breaks the writes`, async (t) => {
    const name = uniqueName(t)
    const listener = await listening(t, name, { busyPoll })
    const peer = startProgram(t, 'peer', ['idle', name])
    const stream = await accepted(t, listener)
    await peer.message('the connection')
    const reads = [stream.read(), stream.readInto(new Uint8Array(10)), stream.read()]
    peer.kill('SIGKILL')
    t.deepEqual(await within(Promise.all(reads), PATIENCE_MS, 'the ends'), [null, null, null])
    t.is((await failure(stream.write('x'), 'the write')).code, 'EPIPE')
  })

  test.serial(`a peer killed in the middle of round trips with ${how} is noticed`, async (t) => {
    const name = uniqueName(t)
    const peer = startProgram(t, 'busy-echo', [JSON.stringify(busyPoll), name])
    await peer.message('the listener')
    const stream = await connected(t, name, { busyPoll })
    const error = failure(roundTrips(stream), 'round trips with the dead')
    await within(stream.readExact(1), PATIENCE_MS, 'the first')
    peer.kill('SIGKILL')
    t.regex((await error).code ?? '', /^(EPIPE|ECONNRESET|ERR_LOCAL_SOCKET_UNEXPECTED_END)$/)
  })
}

test.serial('timeouts come in time while their stream is awake for a second', async (t) => {
  let took = Infinity
  // A machine that is held up can be as late once or twice.
  for (let round = 0; round < 3 && took >= 900; round += 1) {
    const { server } = await pair(t, { listen: { busyPoll: A_SECOND } })
    const began = performance.now()
    const reads = [10, 20, 30].map((timeout) => failure(server.readExact(1, { timeout }), 'a read'))
    for (const error of await Promise.all(reads)) t.is(error.code, 'ERR_LOCAL_SOCKET_TIMEOUT')
    took = performance.now() - began
  }
  t.true(took < 900, 'they came when the wait was over anyway')
})

async function toEcho(t: ExecutionContext, busyPoll: BusyPoll): Promise<Stream> {
  const name = uniqueName(t)
  const program = startProgram(t, 'busy-echo', [JSON.stringify(busyPoll), name])
  await program.message('the listener')
  return connected(t, name, { busyPoll })
}

/** One byte to and fro, for ever. */
async function roundTrips(stream: Stream): Promise<never> {
  await stream.write('xx')
  for (;;) {
    await stream.readExact(1)
    await stream.write('x')
  }
}
