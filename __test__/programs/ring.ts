// One thread of a ring: listens on its own name, connects to the next thread's, and exchanges
// bytes on all streams of both. Posts 'listening', waits for any message, posts the digests.
import { parentPort, workerData } from 'node:worker_threads'
import { once } from 'node:events'

import { connect, listen, type Stream } from 'local-socket'

import { bytes, Checksum, sha256 } from '../helpers/checksum.js'

export interface RingOrder {
  readonly own: string
  readonly next: string
  readonly seed: number
  readonly streams: number
  readonly size: number
}

export interface RingResult {
  readonly sent: string[]
  readonly received: string[]
}

async function main({ own, next, seed, streams, size }: RingOrder): Promise<void> {
  const listener = await listen(own)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  parentPort?.postMessage('listening')
  if (parentPort) await once(parentPort, 'message')
  const numbers = Array.from({ length: streams }, (_, index) => seed + index)
  const outgoing = numbers.map(async () => connect(next))
  const incoming = numbers.map(async () => listener.accept())
  const both = await Promise.all([...outgoing, ...incoming])
  const sums = await Promise.all(
    both.map((stream, index) => exchange(stream, bytes(size, seed + index))),
  )
  await listener.close()
  const result: RingResult = {
    sent: sums.map((sum) => sum.sent),
    received: sums.map((sum) => sum.received),
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  parentPort?.postMessage(result)
}

async function exchange(
  stream: Stream,
  payload: Uint8Array,
): Promise<{ sent: string; received: string }> {
  const sum = new Checksum()
  const drain = async (): Promise<void> => {
    for await (const chunk of stream) sum.add(chunk)
  }
  const send = async (): Promise<void> => {
    await stream.write(payload)
    await stream.end()
  }
  await Promise.all([drain(), send()])
  await stream.close()
  return { sent: sha256(payload), received: sum.digest() }
}

void main(workerData as RingOrder)
