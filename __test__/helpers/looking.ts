/** Tests of who waits awake, and how a wait is looked at. */
import { availableParallelism } from 'node:os'

import test, { type ExecutionContext } from 'ava'
import type { BusyPoll, Stream } from 'local-socket'

import { Looks } from './awake.js'
import { text } from './checksum.js'
import { pair, type Pair } from './pair.js'
import { wine } from './platform.js'
import { notUnderWine } from './tests.js'
import { PATIENCE_MS, eventually, within } from './within.js'

type Run = (t: ExecutionContext, looks: Looks) => Promise<void>

// One at a time: what is looked at is looked at by the whole thread.
export function looksTest(title: string, run: Run): void {
  test.serial(title, async (t) => {
    const looks = new Looks()
    try {
      await run(t, looks)
    } finally {
      looks.stop()
    }
  })
}

/** Of waits that are over within microseconds, which they never are under Wine. */
export function quickTest(title: string, run: Run): void {
  if (!wine) return looksTest(title, run)
  notUnderWine(title, 'each call on a pipe takes longer there than such a wait', () => undefined)
}

/** Of adaptive waits, which are all slept through where the process has a single core. */
export function adaptiveTest(title: string, run: Run): void {
  if (availableParallelism() > 1) quickTest(title, run)
  else test.skip(title, (t) => t.fail())
}

/** Connected streams of which the server waits in that way, and the client sleeps. */
export function waitingPair(t: ExecutionContext, busyPoll: BusyPoll): Promise<Pair> {
  return pair(t, { listen: { busyPoll }, connect: { busyPoll: 'off' } })
}

/** Lets so many reactions to promises pass, and nothing else. */
export async function microtasks(count: number): Promise<void> {
  for (let passed = 0; passed < count; passed += 1) await undefined
}

/** Waits until a step has looked at it. */
export async function looked(looks: Looks, stream: Stream): Promise<void> {
  await eventually(() => looks.at(stream) > 0, PATIENCE_MS, 'the stream was not looked at')
}

/** Short waits, until the server stays awake for them. */
export async function convinced(looks: Looks, streams: Pair): Promise<void> {
  const before = looks.at(streams.server)
  const awake = async (): Promise<boolean> => {
    await waits(streams, 20, () => Promise.resolve())
    return looks.at(streams.server) > before
  }
  await eventually(awake, PATIENCE_MS, 'short waits did not convince')
}

/** `rounds` waits of the server, each over as soon as something else is done. */
export async function waits(
  { client, server }: Pair,
  rounds: number,
  before: () => Promise<unknown>,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const read = server.read()
    await before()
    await client.write('x')
    expectX(await within(read, PATIENCE_MS, `answer ${round}`))
  }
}

export function expectX(chunk: Uint8Array | null): void {
  if (text(chunk) !== 'x') throw new Error(`read ${text(chunk)}`)
}
