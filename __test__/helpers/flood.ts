import type { ExecutionContext } from 'ava'
import { connect, listen, type Stream } from 'local-socket'

import { listening, pair } from './pair.js'
import { uniqueName } from './names.js'

/** One step of a flood; nothing in it ever has to wait for another process. */
export type Step = () => Promise<unknown>

/** Ways to keep a thread busy with calls of which each could complete at once. */
export const FLOODS: Readonly<Record<string, (t: ExecutionContext) => Promise<Step>>> = {
  'small reads': smallReads,
  'large reads': largeReads,
  'reads into a buffer': async (t) => {
    const { client, server } = await pair(t)
    const block = new Uint8Array(64)
    const into = new Uint8Array(64)
    return async () => {
      await client.write(block)
      await server.readInto(into)
    }
  },
  'exact reads': async (t) => {
    const { client, server } = await pair(t)
    const block = new Uint8Array(64)
    return async () => {
      await client.write(block)
      await server.readExact(64)
    }
  },
  iteration: async (t) => {
    const { client, server } = await pair(t)
    const block = new Uint8Array(64)
    const chunks = server[Symbol.asyncIterator]()
    return async () => {
      await client.write(block)
      await chunks.next()
    }
  },
  'the rest of a batch': async (t) => {
    // Unread data is always there, so no read ever finds the stream empty.
    const { client, server } = await pair(t)
    const block = new Uint8Array(64)
    const into = new Uint8Array(64)
    for (let count = 0; count < 200; count += 1) await client.write(block)
    return async () => {
      await server.readInto(into)
      await client.write(block)
    }
  },
  connections: async (t) => {
    const name = uniqueName(t)
    const listener = await listening(t, name)
    return async () => {
      const client = await connect(name)
      const server: Stream = await listener.accept()
      client.destroy()
      server.destroy()
    }
  },
  'connects that are refused': async (t) => {
    const name = uniqueName(t)
    return () => connect(name).catch(() => undefined)
  },
  'listeners that open and close': async (t) => {
    const name = uniqueName(t)
    return async () => (await listen(name)).close()
  },
}

/** A message to and fro between the two ends of a stream, both in this thread. */
export async function smallReads(t: ExecutionContext): Promise<Step> {
  const { client, server } = await pair(t)
  const block = new Uint8Array(64)
  return async () => {
    await client.write(block)
    await server.read()
  }
}

/** The same with as much as one read takes, so that bytes count rather than calls. */
export async function largeReads(t: ExecutionContext): Promise<Step> {
  const { client, server } = await pair(t)
  const block = new Uint8Array(65_536)
  return async () => {
    await client.write(block)
    await server.read()
  }
}

/** Repeats `step` until `over` or, since a starved thread would never get there, `limit` times. */
export async function flooded(step: Step, over: () => boolean, limit: number): Promise<number> {
  let steps = 0
  for (; !over() && steps < limit; steps += 1) await step()
  return steps
}
