import test, { type ExecutionContext } from 'ava'
import { connect, type Stream } from 'local-socket'

import { bytes } from '../helpers/checksum.js'
import { uniqueName, uniquePath } from '../helpers/names.js'
import { NumberedCheck } from '../helpers/numbered.js'
import { accepted, connected, fill, listening } from '../helpers/pair.js'
import { NOBODY_LISTENS, windows } from '../helpers/platform.js'
import { startProgram, type Program } from '../helpers/process.js'
import { unixSerial } from '../helpers/tests.js'
import { PATIENCE_MS, within } from '../helpers/within.js'

/** Linux tells of data that the dead peer had not read by ECONNRESET, otherwise by EPIPE. */
const BROKEN = /^(EPIPE|ECONNRESET)$/

test.serial('a peer killed while it reads makes the next writes fail with a code', async (t) => {
  const { peer, stream } = await started(t, 'reading')
  await stream.write('first')
  await peer.message('its first chunk')
  const writes = writeForEver(stream)
  peer.kill('SIGKILL')
  t.regex(await codeOf(writes), BROKEN)
  t.regex(await codeOf(stream.write('more')), BROKEN)
})

test.serial('a peer killed while a write waits for room makes that write fail', async (t) => {
  const { peer, stream } = await started(t, 'paused')
  await stream.write('first')
  await peer.message('its first chunk')
  fill(stream)
  const waiting = stream.write(bytes(1_000_000))
  const behind = stream.write(bytes(10))
  const waitingCode = codeOf(waiting)
  const behindCode = codeOf(behind)
  peer.kill('SIGKILL')
  t.regex(await waitingCode, BROKEN)
  t.truthy(await behindCode)
})

for (const [when, already] of Object.entries({ 'its first write': 0, 'many writes': 10_000_000 })) {
  test.serial(
    `what a peer killed after ${when} had sent can be read, and then the end`,
    async (t) => {
      const { peer, stream } = await started(t, 'writing')
      await peer.message('its first write')
      const check = new NumberedCheck()
      while (check.length < already) {
        check.add(await within(stream.readExact(1_000_000), PATIENCE_MS, 'the first bytes'))
      }
      peer.kill('SIGKILL')
      await peer.exit()
      const drain = async (): Promise<void> => {
        for await (const chunk of stream) check.add(chunk)
      }
      await within(drain(), PATIENCE_MS, 'the end of a killed writer')
      t.true(check.length >= 65_536, 'its first write had been taken')
      t.is(stream.bytesRead, check.length)
      t.is(await stream.read(), null)
    },
  )
}

test.serial('a read that waits ends when the peer is killed', async (t) => {
  const { peer, stream } = await started(t, 'idle')
  const reads = [stream.read(), stream.readInto(new Uint8Array(10)), stream.read()]
  peer.kill('SIGKILL')
  t.deepEqual(await within(Promise.all(reads), PATIENCE_MS, 'the ends'), [null, null, null])
})

unixSerial('a peer killed with our bytes unread breaks the reads that follow', async (t) => {
  const { peer, stream } = await started(t, 'idle')
  await stream.write('never read')
  const read = stream.read()
  const code = codeOf(read)
  peer.kill('SIGKILL')
  t.is(await code, 'ECONNRESET')
})

test.serial(
  'a client killed before it was accepted does not disturb the ones behind it',
  async (t) => {
    const name = uniqueName(t)
    const listener = await listening(t, name)
    const peer = startProgram(t, 'peer', ['idle', name])
    await peer.message('the connection')
    peer.kill('SIGKILL')
    await peer.exit()
    const second = await connected(t, name)
    await second.write('hello')
    const dead = await accepted(t, listener)
    const alive = await accepted(t, listener)
    t.is(await within(dead.read(), PATIENCE_MS, 'the end of the dead one'), null)
    t.deepEqual(
      await within(alive.readExact(5), PATIENCE_MS, 'hello'),
      new Uint8Array(Buffer.from('hello')),
    )
  },
)

test.serial('a killed server ends its clients and frees its namespaced name at once', async (t) => {
  const name = uniqueName(t)
  const server = startProgram(t, 'server', ['echo', name])
  await server.message('the listener')
  const stream = await connected(t, name)
  await stream.write('x')
  await within(stream.readExact(1), PATIENCE_MS, 'the echo')
  const read = stream.read()
  server.kill('SIGKILL')
  t.is(await within(read, PATIENCE_MS, 'the end'), null)
  await server.exit()
  t.is(await codeOf(connect(name)), NOBODY_LISTENS)
  // A pipe has its name as long as anybody has an end of it.
  if (windows) stream.destroy()
  const next = await listening(t, name)
  await connected(t, name)
  await accepted(t, next)
})

test.serial('a path whose server was killed refuses clients', async (t) => {
  const path = uniquePath(t)
  const server = startProgram(t, 'server', ['echo', path])
  await server.message('the listener')
  server.kill('SIGKILL')
  await server.exit()
  t.is(await codeOf(connect(path)), NOBODY_LISTENS)
})

async function started(
  t: ExecutionContext,
  role: string,
): Promise<{ peer: Program; stream: Stream }> {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const peer = startProgram(t, 'peer', [role, name])
  const stream = await accepted(t, listener)
  await peer.message('the connection')
  return { peer, stream }
}

async function writeForEver(stream: Stream): Promise<never> {
  const block = bytes(65_536)
  for (;;) await stream.write(block)
}

/** The code that `promise` rejects with. */
async function codeOf(promise: Promise<unknown>): Promise<string> {
  const outcome = promise.then(
    (value) => `no error but ${String(value)}`,
    (error: NodeJS.ErrnoException) => error.code ?? String(error),
  )
  return within(outcome, PATIENCE_MS, 'the broken stream to show')
}
