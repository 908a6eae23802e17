import test, { type ExecutionContext } from 'ava'
import type { Stream } from 'local-socket'

import { uniqueName } from '../helpers/names.js'
import { accepted, connected, listening } from '../helpers/pair.js'
import { windows } from '../helpers/platform.js'
import { startProgram, type Program } from '../helpers/process.js'

interface Cost {
  readonly cpuMs: number
  readonly activeMs: number
  readonly switches: number
}

/** Windows counts CPU time by ticks of its clock, which are 15.6 ms long. */
const MOST_CPU_MS = windows ? 50 : 20

/** What the test does at its end before the second begins: nothing, or something unanswered. */
type Disturb = (stream: Stream) => Promise<unknown> | void

const BLOCK = new Uint8Array(1000)
const nothing: Disturb = () => undefined

const STREAMS: readonly [title: string, scenario: string, disturb: Disturb][] = [
  ['a stream', 'stream', nothing],
  ['a stream with a read that waits', 'stream that reads', nothing],
  ['an adaptive stream with a read that waits', 'adaptive stream that reads', nothing],
  [
    'a stream that has waited awake for its time',
    'stream that reads after the time it stays awake',
    nothing,
  ],
  ['a stream with data that nobody reads', 'stream', (stream) => stream.write(BLOCK)],
  ['a stream whose peer half-closed and nobody reads', 'stream', (stream) => stream.end()],
  ['a stream whose peer hung up and nobody reads', 'stream', (stream) => stream.destroy()],
  [
    'a stream whose peer hung up after data that nobody reads',
    'stream',
    async (stream) => {
      await stream.write(BLOCK)
      stream.destroy()
    },
  ],
  [
    'a stream whose reader stopped in the middle',
    'stream that stopped reading',
    (stream) => stream.write(BLOCK),
  ],
  ['a write that waits for room', 'write that waits for room', nothing],
  [
    'a write that waits for room beside data that nobody reads',
    'write that waits for room',
    (stream) => stream.write(BLOCK),
  ],
]

// One second each, and CPU time is what counts: not beside others.
for (const [title, scenario, disturb] of STREAMS) {
  test.serial(`${title} costs nothing while idle`, async (t) => {
    const name = uniqueName(t)
    const listener = await listening(t, name)
    const program = startProgram(t, 'idle', [scenario, name])
    const stream = await accepted(t, listener)
    await disturb(stream)
    await program.message('the set-up')
    await costsNothing(t, program)
  })
}

for (const [title, scenario] of [
  ['a stream that has been busy', 'stream that has been busy'],
  ['an adaptive stream that has been busy', 'adaptive stream that has been busy and reads'],
] as const) {
  test.serial(`${title} costs nothing once idle`, async (t) => {
    const name = uniqueName(t)
    const listener = await listening(t, name)
    const program = startProgram(t, 'idle', [scenario, name])
    const stream = await accepted(t, listener)
    for (let count = 0; count < 1000; count += 1) await stream.write(await stream.readExact(1))
    await program.message('the set-up')
    await costsNothing(t, program)
  })
}

for (const [scenario, count] of [
  ['a thousand streams that read', 1000],
  ['a thousand adaptive streams that read', 1000],
] as const) {
  test.serial(`${scenario} cost nothing while idle`, async (t) => {
    const name = uniqueName(t)
    const listener = await listening(t, name)
    const program = startProgram(t, 'idle', [scenario, name])
    for (let stream = 0; stream < count; stream += 1) await accepted(t, listener)
    await program.message('the set-up')
    await costsNothing(t, program)
  })
}

for (const scenario of ['listener', 'listener that accepts']) {
  test.serial(`a ${scenario} costs nothing while idle`, async (t) => {
    const program = startProgram(t, 'idle', [scenario, uniqueName(t)])
    await program.message('the set-up')
    await costsNothing(t, program)
  })
}

test.serial('a listener with connections that nobody accepts costs nothing', async (t) => {
  const name = uniqueName(t)
  const program = startProgram(t, 'idle', ['listener', name])
  await program.message('the set-up')
  for (let count = 0; count < 5; count += 1) await (await connected(t, name)).write(BLOCK)
  await costsNothing(t, program)
})

async function costsNothing(t: ExecutionContext, program: Program): Promise<void> {
  const seconds = [await second(program)]
  // Time in the loop goes by the clock, which other processes can hold up too, and the runtime may
  // have work of its own to do: what costs something does so in every second.
  while (seconds.length < 3 && !seconds.some(isIdle)) seconds.push(await second(program))
  t.true(seconds.some(isIdle), JSON.stringify(seconds))
}

async function second(program: Program): Promise<Cost> {
  program.tell('watch')
  return program.message<Cost>('a second of idleness')
}

function isIdle({ cpuMs, activeMs, switches }: Cost): boolean {
  return cpuMs < MOST_CPU_MS && activeMs < 300 && switches < 200
}
