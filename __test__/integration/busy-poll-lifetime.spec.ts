import { setTimeout as delay } from 'node:timers/promises'

import test, { type ExecutionContext } from 'ava'
import type { Stream } from 'local-socket'

import { bytes, sha256, text } from '../helpers/checksum.js'
import { uniqueName } from '../helpers/names.js'
import { accepted, listening, readAll } from '../helpers/pair.js'
import { startProgram, type Program } from '../helpers/process.js'
import { PATIENCE_MS, within } from '../helpers/within.js'

const READY = { ready: true }

/** Steps beyond which it can't be said any more that nobody stayed awake: a second has 30,000. */
const FEW_STEPS = 200

for (const scenario of ['an unreferenced stream', 'a stream that is unreferenced while it waits']) {
  test.serial(`${scenario} awake lets the process end at once`, async (t) => {
    const { program } = await withStream(t, scenario)
    t.deepEqual(await program.message('the set-up'), READY)
    t.deepEqual(await program.message('the empty loop'), { idle: true })
    const { steps } = await program.message<{ steps: number }>('its end')
    t.true(steps < FEW_STEPS, `${steps} steps before the end`)
    t.deepEqual(await program.exit(), { code: 0, signal: null })
  })
}

for (const scenario of ['a stream', 'a stream whose time awake is over']) {
  test.serial(`${scenario} keeps the process alive until it is closed`, async (t) => {
    const { program, stream } = await withStream(t, scenario)
    t.deepEqual(await program.message('the set-up'), READY)
    // That something does not happen can only be watched for a while.
    await delay(400)
    t.deepEqual(program.rest(), [], 'the loop ran empty')
    await stream.write('go')
    t.deepEqual(await program.message('the empty loop'), { idle: true })
    t.deepEqual(await program.exit(), { code: 0, signal: null })
  })
}

test.serial(
  'process.exit with a stream awake keeps its code and sends what was written',
  async (t) => {
    const { program, stream } = await withStream(t, 'process.exit')
    const got = await readAll(stream)
    t.is(got.digest, sha256(bytes(20_000)))
    t.deepEqual(await program.exit(), { code: 7, signal: null }, program.stderr)
  },
)

test.serial(
  'errors thrown where awake reads continue are each seen once, and I/O goes on',
  async (t) => {
    const { program, streams } = await withStreams(t, 'errors where reads continue', 8)
    t.deepEqual(await program.message('all are awake'), READY)
    // Told of in one step, as far as they can be.
    for (const [index, stream] of streams.entries()) t.is(stream.tryWrite(String(index)), 1)
    for (const [index, stream] of streams.entries()) {
      t.is(text(await within(stream.readExact(1), PATIENCE_MS, `echo ${index}`)), String(index))
      await stream.write('and on')
    }
    const seen = streams.map((_, index) => `boom ${index}`)
    t.deepEqual(await program.message('the errors it saw'), { seen })
  },
)

test.serial('a stream is not collected while it waits awake', async (t) => {
  const { program, stream } = await withStream(t, 'a read that waits', ['--expose-gc'])
  t.deepEqual(await program.message('fifty collections'), READY)
  await stream.write('still here')
  t.deepEqual(await program.message('what it read'), { read: 'still here' })
})

test.serial('a stream forgotten after it waited awake is closed with a warning', async (t) => {
  const scenario = 'a stream that was forgotten after it waited'
  const { program, stream } = await withStream(t, scenario, ['--expose-gc'])
  t.deepEqual(await program.message('the warning'), { warning: 'LOCAL_SOCKET_FORGOTTEN' })
  t.is(await within(stream.read(), PATIENCE_MS, 'the end'), null)
  t.deepEqual(await program.message('fifty collections'), READY)
  t.deepEqual(await program.message('the empty loop'), { idle: true })
  t.deepEqual(await program.exit(), { code: 0, signal: null })
})

test.serial('worker threads wait awake each for their own', async (t) => {
  const { program, streams } = await withStreams(t, 'workers', 3)
  t.deepEqual(await program.message('all are awake'), READY)
  const talks = streams.map(async (stream, index) => {
    for (let round = 0; round < 200; round += 1) {
      const sent = bytes(100, index * 1_000 + round)
      const answer = stream.readExact(100)
      await stream.write(sent)
      t.deepEqual(await answer, sent)
    }
    await stream.end()
    t.is(await stream.read(), null)
  })
  await within(Promise.all(talks), 3 * PATIENCE_MS, 'all talks')
  t.deepEqual(await program.message('their ends'), { exits: [0, 0, 0] })
})

test.serial('worker threads that wait awake can be terminated again and again', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const program = startProgram(t, 'busy', ['terminated workers', name])
  for (let worker = 0; worker < 40; worker += 1) {
    const stream = await accepted(t, listener)
    t.is(await within(stream.read(), PATIENCE_MS, `the end of worker ${worker}`), null)
  }
  t.deepEqual(await program.message('the last round'), READY)
  t.deepEqual(await program.message('the empty loop'), { idle: true })
  t.deepEqual(await program.exit(), { code: 0, signal: null }, program.stderr)
})

async function withStreams(
  t: ExecutionContext,
  scenario: string,
  count: number,
  execArgv: readonly string[] = [],
): Promise<{ program: Program; streams: Stream[] }> {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const program = startProgram(t, 'busy', [scenario, name], { execArgv })
  const streams: Stream[] = []
  while (streams.length < count) streams.push(await accepted(t, listener))
  return { program, streams }
}

async function withStream(
  t: ExecutionContext,
  scenario: string,
  execArgv?: readonly string[],
): Promise<{ program: Program; stream: Stream }> {
  const { program, streams } = await withStreams(t, scenario, 1, execArgv)
  return { program, stream: streams[0] as Stream }
}
