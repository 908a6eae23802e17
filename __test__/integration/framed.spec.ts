import test, { type ExecutionContext } from 'ava'
import { framed, type Framed } from 'local-socket/framed'

import { bytes, text } from '../helpers/checksum.js'
import { frame, received, same } from '../helpers/framed.js'
import { uniqueName, uniquePath } from '../helpers/names.js'
import { failure } from '../helpers/failures.js'
import { accepted, connected, listening } from '../helpers/pair.js'
import { peerTest } from '../helpers/peers.js'
import { start, startProgram, type Program } from '../helpers/process.js'
import { PATIENCE_MS, within } from '../helpers/within.js'

test.serial(
  'a first message reaches the peer though its sender stands still after it',
  async (t) => {
    const { program, messages } = await started(t, 'first message')
    let turned = false
    const told = program.message('the end of the pause').then(() => (turned = true))
    t.is(text(await received(messages)), 'at once')
    t.false(turned)
    program.tell('go on')
    t.is(text(await received(messages)), 'later')
    await told
  },
)

for (const scenario of ['process.exit', 'process.exit after close', 'a natural end']) {
  test.serial(`${scenario} sends what was queued and keeps its code`, async (t) => {
    const { program, messages } = await started(t, scenario)
    await sentThree(t, messages)
    t.is(await within(messages.receive(), PATIENCE_MS, 'the end'), null)
    t.deepEqual(await program.exit(), { code: 7, signal: null }, program.stderr)
  })
}

test.serial('an error in onBatch ends the process, and what was queued is sent', async (t) => {
  const { program, messages } = await started(t, 'an uncaught error in onBatch')
  messages.send('go')
  await sentThree(t, messages)
  t.deepEqual(await program.exit(), { code: 1, signal: null })
  t.regex(program.stderr, /Error: on purpose\n\s+at .*framed\.js/)
})

test.serial('errors in onBatch are each seen once, and messages go on', async (t) => {
  const { program, messages } = await started(t, 'errors in onBatch that are handled')
  for (const word of ['one', 'two', 'three']) {
    messages.send(word)
    t.is(text(await received(messages)), word)
  }
  await messages.end()
  t.deepEqual(await program.message('what it saw'), { seen: ['boom 1', 'boom 1', 'boom 1'] })
  t.deepEqual(await program.exit(), { code: 0, signal: null }, program.stderr)
})

for (const scenario of ['forgotten', 'forgotten with part of a message']) {
  test.serial(`a framed stream that is ${scenario} is closed with a process warning`, async (t) => {
    const name = uniqueName(t)
    const listener = await listening(t, name)
    const program = collecting(t, scenario, name)
    const stream = await accepted(t, listener)
    if (scenario !== 'forgotten') await stream.write(frame(bytes(100_000)).subarray(0, 50_000))
    t.deepEqual(await program.message('the warning'), { warning: 'LOCAL_SOCKET_FORGOTTEN' })
    t.deepEqual(await program.message('fifty collections'), { settled: true })
    t.deepEqual(await program.exit(), { code: 0, signal: null })
  })
}

test.serial('a framed stream is not collected while messages are unsent', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const program = collecting(t, 'unsent messages', name)
  const messages = framed(await accepted(t, listener))
  t.deepEqual(await program.message('fifty collections'), { settled: true })
  for (let index = 0; index < 100; index += 1) {
    t.true(same(await received(messages), bytes(100_000, index)))
  }
})

test.serial('a framed stream is not collected while onBatch is set', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const program = collecting(t, 'onBatch', name)
  const messages = framed(await accepted(t, listener))
  t.deepEqual(await program.message('fifty collections'), { settled: true })
  messages.send(bytes(123))
  t.deepEqual(await program.message('what it received'), { length: 123 })
})

test.serial('idle connections hold no memory for messages', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const program = startProgram(t, 'framed', ['idle connections', name], {
    execArgv: ['--expose-gc'],
  })
  const all: Framed[] = []
  while (all.length < 500) all.push(framed(await accepted(t, listener)))
  await program.message('all connections')
  for (const messages of all) messages.send('hello')
  for (const messages of all) t.is(text(await received(messages)), 'hello')
  program.stdin.write('now')
  const { grown } = await program.message<{ grown: number }>('its memory')
  t.true(grown < 8 * 1024 * 1024, `${grown} bytes for 500 connections`)
})

test.serial('a worker can be terminated while messages go both ways', async (t) => {
  t.timeout(12 * PATIENCE_MS)
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const echo = async (): Promise<void> => {
    for await (const stream of listener) {
      const messages = framed(stream)
      messages.onBatch = (batch) => {
        try {
          for (const message of batch) messages.send(message)
        } catch {
          // The worker is gone.
          messages.destroy()
        }
      }
      void messages.ended.catch(() => undefined).then(() => messages.destroy())
    }
  }
  const serving = echo()
  const program = startProgram(t, 'framed', ['workers', name])
  t.deepEqual(await program.message('the last worker', 6 * PATIENCE_MS), { ended: 20 })
  t.deepEqual(await program.exit(), { code: 0, signal: null }, program.stderr)
  await listener.close()
  await serving
})

peerTest('bench_peer', 'messages of the Rust core are received', async (t, program) => {
  const path = uniquePath(t)
  const listener = await listening(t, path)
  const count = 10_000
  const peer = start(t, program, ['framed-flood', path, '64', String(count)])
  const messages = framed(await accepted(t, listener))
  let taken = 0
  for await (const batch of messages.batches()) {
    for (const message of batch) t.is(message.byteLength, 64)
    taken += batch.length
    if (taken === count) break
  }
  t.is(taken, count)
  peer.kill()
})

peerTest('bench_peer', 'messages are received by the Rust core', async (t, program) => {
  const path = uniquePath(t)
  const peer = start(t, program, ['framed-sink', path])
  await peer.line('ready')
  const messages = framed(await connected(t, path))
  const count = 10_000
  const message = new Uint8Array(64)
  for (let index = 0; index < count; index += 1) {
    new DataView(message.buffer).setBigUint64(0, BigInt(index), true)
    if (!messages.send(message)) await messages.drained()
  }
  await messages.end()
  // It answers with how many bytes it got, as a number of eight bytes and no message: that reads
  // as an empty one and the length of another.
  t.is((await received(messages)).byteLength, 0)
  const error = await failure(messages.receive(), 'the end')
  t.regex(error.message, new RegExp(`after 0 of the ${count * 64} bytes`))
})

async function sentThree(t: ExecutionContext, messages: Framed): Promise<void> {
  for (let index = 0; index < 3; index += 1) {
    t.true(same(await received(messages), bytes(20_000, index)))
  }
}

function collecting(t: ExecutionContext, scenario: string, name: string): Program {
  return startProgram(t, 'framed', [scenario, name], { execArgv: ['--expose-gc'] })
}

async function started(
  t: ExecutionContext,
  scenario: string,
): Promise<{ program: Program; messages: Framed }> {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const program = startProgram(t, 'framed', [scenario, name])
  return { program, messages: framed(await accepted(t, listener)) }
}
