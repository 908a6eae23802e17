import { setTimeout as delay } from 'node:timers/promises'

import type { ExecutionContext } from 'ava'
import {
  connect,
  listen,
  type ConnectOptions,
  type Listener,
  type ListenerOptions,
  type LocalSocketError,
  type Stream,
} from 'local-socket'

import { Checksum } from './checksum.js'
import { uniqueName } from './names.js'
import { windows } from './platform.js'
import { PATIENCE_MS, within } from './within.js'

export interface Pair {
  readonly client: Stream
  readonly server: Stream
  readonly listener: Listener
  /** The bare word or path that the listener was given. */
  readonly name: string
}

export interface PairOptions {
  readonly name?: string
  readonly listen?: ListenerOptions
  readonly connect?: ConnectOptions
}

/** A listener that the test's end closes. */
export async function listening(
  t: ExecutionContext,
  name: string = uniqueName(t),
  options?: ListenerOptions,
): Promise<Listener> {
  const listener = await within(listen(name, options), PATIENCE_MS, `listen on ${name}`)
  t.teardown(() => closeQuietly(listener))
  return listener
}

/** A stream to `name` that the test's end destroys. */
export async function connected(
  t: ExecutionContext,
  name: string,
  options?: ConnectOptions,
): Promise<Stream> {
  return discarded(t, await within(connect(name, options), PATIENCE_MS, `connect to ${name}`))
}

/** The next stream that `listener` accepts, destroyed when the test ends. */
export async function accepted(t: ExecutionContext, listener: Listener): Promise<Stream> {
  return discarded(t, await within(listener.accept(), PATIENCE_MS, 'a connection to accept'))
}

/** A connected client and server over a real socket, all torn down when the test ends. */
export async function pair(t: ExecutionContext, options: PairOptions = {}): Promise<Pair> {
  const name = options.name ?? uniqueName(t)
  const listener = await listening(t, name, options.listen)
  const [client, server] = await Promise.all([
    connected(t, name, options.connect),
    accepted(t, listener),
  ])
  return { client, server, listener, name }
}

/** Registers `stream` to be destroyed at the test's end, whatever state it is in by then. */
export function discarded(t: ExecutionContext, stream: Stream): Stream {
  t.teardown(() => stream.destroy())
  return stream
}

export interface Received {
  readonly length: number
  readonly digest: string
}

/** What can be read up to the end: an endpoint's whole answer, by length and SHA-256. */
export async function readAll(
  source: { read(): Promise<Uint8Array | null> },
  what = 'the end of the stream',
  milliseconds = 4 * PATIENCE_MS,
): Promise<Received> {
  const sum = new Checksum()
  const drain = async (): Promise<Received> => {
    for (;;) {
      const chunk = await source.read()
      if (chunk === null) return { length: sum.length, digest: sum.digest() }
      sum.add(chunk)
    }
  }
  return within(drain(), milliseconds, what)
}

/** Writes with `tryWrite` until the kernel takes no more; gives the number of bytes that fit. */
export function fill(stream: { tryWrite(data: Uint8Array): number }, size = 65_536): number {
  const block = new Uint8Array(size).fill(0x66)
  let total = 0
  for (;;) {
    const taken = stream.tryWrite(block)
    if (taken === 0) return total
    total += taken
  }
}

/**
 * How long a client that can be let in at once may take: on Windows another thread puts out the
 * next instance of a pipe when one is taken, and tells of whoever took it.
 */
export const AT_ONCE_MS = windows ? 1_000 : 0

/** Connects until the backlog is full; what got in is destroyed when the test ends. */
export async function fillBacklog(t: ExecutionContext, name: string): Promise<Stream[]> {
  const streams: Stream[] = []
  for (;;) {
    try {
      streams.push(discarded(t, await connect(name, { timeout: AT_ONCE_MS })))
    } catch (error) {
      t.is((error as LocalSocketError).code, 'ERR_LOCAL_SOCKET_TIMEOUT')
      return streams
    }
  }
}

/** A client that waits to be accepted, so that the next accept has nothing to wait for. */
export async function queued(
  t: ExecutionContext,
  name: string,
  options?: ConnectOptions,
): Promise<Stream> {
  const stream = await connected(t, name, options)
  await delay(AT_ONCE_MS)
  return stream
}

async function closeQuietly(listener: Listener): Promise<void> {
  await listener.close().catch(() => undefined)
}
