import type { ExecutionContext } from 'ava'
import {
  toFsName,
  toNsName,
  GenericFilePath,
  GenericNamespaced,
  type ConnectOptions,
  type Name,
  type Stream,
} from 'local-socket'

import { bytes, Checksum, sha256 } from './checksum.js'
import { uniqueName, uniquePath } from './names.js'
import { accepted, connected, listening } from './pair.js'
import { wine } from './platform.js'
import { PATIENCE_MS, within } from './within.js'

/** For servers that are no programs of ours: Wine doesn't know whose a pipe is, unless it was said. */
export const FOREIGN: ConnectOptions = wine ? { server: 'anyone' } : {}

export interface Address {
  readonly name: string
  /** As other programs are told: the path, or `@id` for the abstract namespace. */
  readonly shown: string
}

/** A fresh name of either kind. */
export function address(t: ExecutionContext, kind: 'path' | 'abstract'): Address {
  const name = kind === 'path' ? uniquePath(t) : uniqueName(t)
  const parsed: Name =
    kind === 'path' ? toFsName(name, GenericFilePath) : toNsName(name, GenericNamespaced)
  return { name, shown: String(parsed) }
}

/** Listens on `name` and echoes the first connection up to its end; gives how much that was. */
export async function echoOnce(t: ExecutionContext, name: string): Promise<() => Promise<number>> {
  const listener = await listening(t, name)
  const echo = async (): Promise<number> => {
    const stream = await accepted(t, listener)
    for await (const chunk of stream) await stream.write(chunk)
    await stream.close()
    return stream.bytesRead
  }
  const done = echo()
  done.catch(() => undefined)
  return () => within(done, PATIENCE_MS, 'the echo to end')
}

/** Sends `size` bytes to an echo server, half-closes, and checks that all come back. */
export async function echoes(t: ExecutionContext, name: string, size: number): Promise<Stream> {
  // A program that tells nobody when it listens is waited for.
  const stream = await connected(t, name, { retry: true, timeout: PATIENCE_MS, ...FOREIGN })
  const payload = bytes(size, 11)
  const sum = new Checksum()
  const drain = async (): Promise<void> => {
    for await (const chunk of stream) sum.add(chunk)
  }
  const send = async (): Promise<void> => {
    await stream.write(payload)
    await stream.end()
  }
  await within(Promise.all([drain(), send()]), 3 * PATIENCE_MS, `the echo of ${size} bytes`)
  t.is(sum.length, size)
  t.is(sum.digest(), sha256(payload))
  return stream
}

/** Sends `size` bytes to an echo server that has no half-close, and checks that all come back. */
export async function exchanges(t: ExecutionContext, name: string, size: number): Promise<Stream> {
  const stream = await connected(t, name, { retry: true, timeout: PATIENCE_MS, ...FOREIGN })
  const payload = bytes(size, 11)
  const whole = Promise.all([stream.readExact(size), stream.write(payload)])
  const [echo] = await within(whole, 3 * PATIENCE_MS, `the echo of ${size} bytes`)
  t.is(sha256(echo), sha256(payload))
  return stream
}
