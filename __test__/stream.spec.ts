import { fstatSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

import test, { type ExecutionContext } from 'ava'
import type { PeerCredentials, Stream } from 'local-socket'

import { Checksum, bytes, sha256, text } from './helpers/checksum.js'
import { rejectsWith, throwsWith } from './helpers/failures.js'
import { uniqueName } from './helpers/names.js'
import { accepted, connected, listening, pair, readAll, type Received } from './helpers/pair.js'
import { linux } from './helpers/platform.js'
import { startProgram } from './helpers/process.js'
import { identity, ownIdentity } from './helpers/rules.js'
import { unixTest } from './helpers/tests.js'
import { NOBODY } from './helpers/users.js'
import { PATIENCE_MS, eventually, turns, within } from './helpers/within.js'

const MIB = 1024 * 1024
const SIZES = [0, 1, 65_535, 65_536, 65_537, 64 * MIB]
const TRANSFER_MS = 90_000

interface PeerReport {
  readonly groups: readonly number[]
  readonly peer: PeerCredentials
}
type Transfer = (stream: Stream, data: Uint8Array) => Promise<void>

type Receive = (stream: Stream) => Promise<Received>

async function writeWhole(stream: Stream, data: Uint8Array): Promise<void> {
  await stream.write(data)
  await stream.end()
}

/** Pieces of sizes that fit no buffer, with several writes under way at a time. */
async function writePieces(stream: Stream, data: Uint8Array): Promise<void> {
  let offset = 0
  let size = 1
  let pending: Promise<void>[] = []
  while (offset < data.byteLength) {
    pending.push(stream.write(data.subarray(offset, offset + size)))
    offset += size
    size = ((size * 7) % 300_007) + 1
    if (pending.length === 8) {
      await Promise.all(pending)
      pending = []
    }
  }
  await Promise.all(pending)
  await stream.end()
}

async function receiveChunks(stream: Stream): Promise<Received> {
  const sum = new Checksum()
  for await (const chunk of stream) sum.add(chunk)
  return { length: sum.length, digest: sum.digest() }
}

async function receiveInto(stream: Stream): Promise<Received> {
  const sum = new Checksum()
  const buffer = new Uint8Array(100_001)
  for (;;) {
    const count = await stream.readInto(buffer)
    if (count === null) return { length: sum.length, digest: sum.digest() }
    sum.add(buffer.subarray(0, count))
  }
}

async function transferBothWays(
  t: ExecutionContext,
  size: number,
  send: Transfer,
  receive: Receive,
): Promise<void> {
  const { client, server } = await pair(t)
  const there = bytes(size, 1)
  const back = bytes(size, 2)
  const [, , atServer, atClient] = await within(
    Promise.all([send(client, there), send(server, back), receive(server), receive(client)]),
    TRANSFER_MS,
    `${size} bytes each way`,
  )
  t.deepEqual(atServer, { length: size, digest: sha256(there) })
  t.deepEqual(atClient, { length: size, digest: sha256(back) })
  t.is(client.bytesWritten, size)
  t.is(client.bytesRead, size)
  t.is(server.bytesWritten, size)
  t.is(server.bytesRead, size)
}

for (const size of SIZES) {
  test.serial(`${size} bytes arrive whole, both ways at once, by write and read`, async (t) => {
    await transferBothWays(t, size, writeWhole, (stream) => readAll(stream, undefined, TRANSFER_MS))
  })
  test.serial(`${size} bytes in odd pieces arrive whole, both ways at once`, async (t) => {
    await transferBothWays(t, size, writePieces, receiveChunks)
  })
  test.serial(
    `${size} bytes arrive whole, both ways at once, into a reader's memory`,
    async (t) => {
      await transferBothWays(t, size, writePieces, receiveInto)
    },
  )
}

test('readExact cuts a stream into the sizes that are asked for', async (t) => {
  const { client, server } = await pair(t)
  const data = bytes(SIZES.slice(0, 5).reduce((sum, size) => sum + size, 0))
  const sending = writePieces(client, data)
  let offset = 0
  for (const size of [65_537, 1, 0, 65_535, 65_536]) {
    const part = await within(server.readExact(size), PATIENCE_MS, `${size} bytes`)
    t.is(part.byteLength, size)
    t.is(sha256(part), sha256(data.subarray(offset, offset + size)))
    offset += size
  }
  t.is(await within(server.read(), PATIENCE_MS, 'the end'), null)
  await sending
})

test('messages go back and forth ten thousand times', async (t) => {
  const { client, server } = await pair(t)
  const echo = async (): Promise<void> => {
    for await (const chunk of server) await server.write(chunk)
    await server.end()
  }
  const echoing = echo()
  const talk = async (): Promise<void> => {
    for (let round = 0; round < 10_000; round += 1) {
      const message = `message ${round}`
      await client.write(message)
      const answer = text(await client.readExact(message.length))
      if (answer !== message) throw new Error(`${answer} for ${message}`)
    }
    await client.end()
  }
  await within(talk(), TRANSFER_MS, 'ten thousand round trips')
  await within(echoing, PATIENCE_MS, 'the end of the echo')
  t.is(await client.read(), null)
})

test('a client that has ended still gets the whole answer, and data on its way still arrives', async (t) => {
  const { client, server } = await pair(t)
  const question = bytes(8 * MIB, 3)
  const answer = bytes(8 * MIB, 4)
  const written = client.write(question)
  const ended = client.end()
  // Nobody reads yet: most of the question is still on its way.
  await turns(10)
  t.deepEqual(await readAll(server), { length: 8 * MIB, digest: sha256(question) })
  await within(Promise.all([written, ended]), PATIENCE_MS, 'the client to have ended')

  const answering = writeWhole(server, answer)
  t.deepEqual(await readAll(client), { length: 8 * MIB, digest: sha256(answer) })
  await within(answering, PATIENCE_MS, 'the server to have ended')
})

test('a server that has ended first still gets all that the client sends', async (t) => {
  const { client, server } = await pair(t)
  const farewell = bytes(8 * MIB, 5)
  const late = bytes(8 * MIB, 6)
  const farewellSent = writeWhole(server, farewell)
  const lateSent = writeWhole(client, late)
  await turns(10)
  t.deepEqual(await readAll(client), { length: 8 * MIB, digest: sha256(farewell) })
  t.deepEqual(await readAll(server), { length: 8 * MIB, digest: sha256(late) })
  await within(Promise.all([farewellSent, lateSent]), PATIENCE_MS, 'both to have ended')
})

test('a read that waits gets null when the peer ends', async (t) => {
  const { client, server } = await pair(t)
  const reads = [server.read(), server.readInto(new Uint8Array(4)), server.read()]
  await turns()
  await client.end()
  t.deepEqual(await within(Promise.all(reads), PATIENCE_MS, 'the end'), [null, null, null])
  t.is(server.tryRead(), null)
  t.is(await server.read(), null)
  await server.write('and yet it answers')
  t.is(text(await within(client.read(), PATIENCE_MS, 'the answer')), 'and yet it answers')
})

test('end may be called again, and what is written after it is refused', async (t) => {
  const { client, server } = await pair(t)
  await client.write('last')
  await Promise.all([client.end(), client.end()])
  await client.end()
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_ENDED', () => client.write('more'), 'write after end')
  throwsWith(t, 'ERR_LOCAL_SOCKET_ENDED', () => client.tryWrite('more'), 'tryWrite after end')
  const whole = await readAll(server)
  t.deepEqual(whole, { length: 4, digest: sha256('last') })
})

test('both ends see the other process, its user and its group', async (t) => {
  const { client, server } = await pair(t)
  for (const { peer } of [client, server]) t.deepEqual(identity(peer), ownIdentity())
  if (linux) {
    const own = new Set([process.getgid?.(), ...(process.getgroups?.() ?? [])])
    t.true(Array.isArray(server.peer.groups))
    for (const group of server.peer.groups ?? []) t.true(own.has(group))
  }
  t.is(client.peer, client.peer)
})

test('each end sees the process and the user of a peer that is another program', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const program = startProgram(t, 'report-peer', [name])
  const server = await accepted(t, listener)
  const { peer } = await program.message<PeerReport>('who it is')
  t.deepEqual(identity(peer), ownIdentity())
  t.deepEqual(identity(server.peer), { ...ownIdentity(), pid: program.pid })
  await server.close()
  t.is((await program.exit()).code, 0, program.stderr)
})

unixTest('each end sees the user and the groups of a peer that is another user', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name, { allow: 'anyone' })
  // Only root can start a program as somebody else; otherwise it is the same user.
  const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  const program = startProgram(t, 'report-peer', [name], { ...asNobody, cwd: '/' })
  const server = await accepted(t, listener)
  const { groups, peer } = await program.message<PeerReport>('who it is')
  const { gid } = server.peer
  t.deepEqual(identity(server.peer), { ...ownIdentity(), ...asNobody, pid: program.pid })
  if (linux) {
    // Node's own list always has the effective group in it.
    t.deepEqual(new Set([...(server.peer.groups ?? []), gid]), new Set(groups))
  }
  t.deepEqual(identity(peer), ownIdentity())
  await server.close()
  t.is((await program.exit()).code, 0, program.stderr)
})

test('whether the process that connected still runs can be asked until the stream is closed', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const program = startProgram(t, 'report-peer', [name])
  const server = await accepted(t, listener)
  await program.message('that it is connected')
  const asked = server.peerIsRunning()
  // Linux before 6.5, and every other system, can't tell.
  if (asked === undefined) t.log('this system can not tell')
  else t.true(asked)
  const client = await connected(t, name)
  t.is(client.peerIsRunning(), asked)
  program.kill()
  await program.exit()
  t.is(server.peerIsRunning(), asked === undefined ? undefined : false)
  t.is(server.peer.pid, program.pid)
  await server.close()
  throwsWith(t, 'ERR_LOCAL_SOCKET_CLOSED', () => server.peerIsRunning(), 'peerIsRunning')
})

test('the peer is still known when it has closed', async (t) => {
  const { client, server } = await pair(t)
  await client.close()
  t.is(await within(server.read(), PATIENCE_MS, 'the end'), null)
  t.is(server.peer.pid, process.pid)
})

unixTest('fd is the number of an open socket', async (t) => {
  const { client, server } = await pair(t)
  t.true(fstatSync(client.fd).isSocket())
  t.true(fstatSync(server.fd).isSocket())
  t.not(client.fd, server.fd)
})

test('bytesRead and bytesWritten count what has passed', async (t) => {
  const { client, server } = await pair(t)
  t.is(client.bytesWritten + client.bytesRead + server.bytesWritten + server.bytesRead, 0)
  await client.write('12345')
  t.is(client.tryWrite('678'), 3)
  t.is(client.bytesWritten, 8)
  await within(server.readExact(6), PATIENCE_MS, 'six bytes')
  await within(server.read(), PATIENCE_MS, 'two bytes')
  t.is(server.bytesRead, 8)
  t.is(server.bytesWritten, 0)
})

test('ref and unref give the stream back and may be repeated, also after close', async (t) => {
  const { client } = await pair(t)
  t.is(client.unref(), client)
  t.is(client.unref(), client)
  t.is(client.ref(), client)
  await client.close()
  t.is(client.ref(), client)
  t.is(client.unref(), client)
})

test('a paused reader stops the writer, and memory for unread data is not taken here', async (t) => {
  const { client, server } = await pair(t)
  const block = bytes(65_536)
  let settled = 0
  const writeMany = async (): Promise<void> => {
    for (let count = 0; count < 512; count += 1) {
      await client.write(block)
      settled += 1
    }
    await client.end()
  }
  const writing = writeMany()
  let before = -1
  const stopped = async (): Promise<boolean> => {
    before = settled
    await delay(60)
    await turns()
    return settled === before
  }
  await eventually(stopped, PATIENCE_MS, 'the writer to stop')
  t.true(before < 64, `${before} blocks were taken while nobody read`)
  t.is((await readAll(server)).length, 512 * block.byteLength)
  await within(writing, PATIENCE_MS, 'the writer to finish')
})
