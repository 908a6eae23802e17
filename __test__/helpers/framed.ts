import { setTimeout as delay } from 'node:timers/promises'

import type { ExecutionContext } from 'ava'
import type { Stream } from 'local-socket'
import { framed, type Batch, type Framed, type FramedOptions } from 'local-socket/framed'

import { joined } from './checksum.js'
import { pair } from './pair.js'
import { PATIENCE_MS, turns, within } from './within.js'

export interface FramedPair {
  readonly client: Framed
  readonly server: Framed
  /** The streams below them. */
  readonly streams: { readonly client: Stream; readonly server: Stream }
}

/** Both ends of a connection, framed alike. */
export async function framedPair(
  t: ExecutionContext,
  options?: FramedOptions,
): Promise<FramedPair> {
  const { client, server } = await pair(t)
  return {
    client: framed(client, options),
    server: framed(server, options),
    streams: { client, server },
  }
}

/** One framed end, and the plain stream at the other. */
export async function halfFramed(
  t: ExecutionContext,
  options?: FramedOptions,
): Promise<{ messages: Framed; stream: Stream; raw: Stream }> {
  const { client, server } = await pair(t)
  return { messages: framed(server, options), stream: server, raw: client }
}

/** A message as it is on the wire by default, put together by other means than those under test. */
export function frame(message: Uint8Array | string): Uint8Array<ArrayBuffer> {
  const bytes = typeof message === 'string' ? new TextEncoder().encode(message) : message
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, bytes.byteLength)
  return joined([length, bytes])
}

/** The next message, which must come. */
export async function received(
  messages: Framed,
  what = 'a message',
): Promise<Uint8Array<ArrayBuffer>> {
  const message = await within(messages.receive(), PATIENCE_MS, what)
  if (message === null) throw new Error(`the end came instead of ${what}`)
  return message
}

/** Sends all, pausing when told to. */
export async function sendAll(messages: Framed, all: Iterable<Uint8Array | string>): Promise<void> {
  for (const message of all) if (!messages.send(message)) await messages.drained()
}

/** Ways to take `count` messages, each of which must come to the same. */
export const WAYS: Readonly<
  Record<string, (messages: Framed, count: number) => Promise<Uint8Array[]>>
> = {
  receive: async (messages, count) => {
    const taken: Uint8Array[] = []
    while (taken.length < count) taken.push(await received(messages))
    return taken
  },
  'an iteration over messages': async (messages, count) => {
    const taken: Uint8Array[] = []
    for await (const message of messages) if (taken.push(message) === count) break
    return taken
  },
  'borrowed batches': async (messages, count) => {
    const taken: Uint8Array[] = []
    for await (const batch of messages.batches()) {
      for (const message of batch) taken.push(message.slice())
      if (taken.length >= count) break
    }
    return taken
  },
  'batches of copies': async (messages, count) => {
    const taken: Uint8Array[] = []
    for await (const batch of messages.batches({ copy: true })) {
      taken.push(...batch)
      if (taken.length >= count) break
    }
    return taken
  },
  onBatch: (messages, count) =>
    new Promise((resolve, reject) => {
      const taken: Uint8Array[] = []
      messages.ended.catch(reject)
      messages.onBatch = (batch: Batch) => {
        for (let index = 0; index < batch.length; index += 1) taken.push(batch.at(index).slice())
        if (taken.length < count) return
        messages.onBatch = undefined
        resolve(taken)
      }
    }),
}

/** Takes `count` messages in the way of that name. */
export async function take(
  way: string,
  messages: Framed,
  count: number,
  milliseconds = PATIENCE_MS,
): Promise<Uint8Array[]> {
  const how = WAYS[way]
  if (how === undefined) throw new Error(`no way ${way}`)
  return within(how(messages, count), milliseconds, `${count} messages by ${way}`)
}

/** Sends until the system takes no more; gives how many messages that were. */
export async function stuff(messages: Framed, message: Uint8Array): Promise<number> {
  for (let count = 1; ; count += 1) {
    if (messages.send(message)) continue
    // False can also mean that this turn has had its share.
    const abort = new AbortController()
    const drained = messages.drained({ signal: abort.signal }).then(
      () => true,
      () => false,
    )
    await delay(20)
    // If the thread was held up for as long, what there is room for goes only now.
    await turns()
    abort.abort()
    if (!(await drained)) return count
  }
}

/** Whether two pieces of memory hold the same bytes. */
export function same(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && Buffer.compare(one, other) === 0
}
