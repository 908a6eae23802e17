// A worker of visited.ts: exchanges a greeting on a stream of either sort, and ends with a read and
// a write of each, and an accept, under way. Posts 'listening', then 'busy'.
import { parentPort, workerData } from 'node:worker_threads'

import { connect, listen, type Stream } from 'local-socket'

import { GREETING, type Visit } from './visit.js'

/** More than anything between the two ends holds. */
const MUCH = 4 * 1_048_576

async function main({ way, path, own }: Visit): Promise<void> {
  const listener = await listen(own)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  parentPort?.postMessage('listening')
  const streams = await Promise.all([connect(path), listener.accept()])
  await Promise.all(streams.map(exchange))
  listener.accept().catch(() => undefined)
  for (const stream of streams) leave(stream)
  if (way === 'return') for (const one of [listener, ...streams]) one.unref()
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  parentPort?.postMessage('busy')
}

async function exchange(stream: Stream): Promise<void> {
  await stream.write(GREETING)
  await stream.readExact(GREETING.length)
}

function leave(stream: Stream): void {
  stream.read().catch(() => undefined)
  stream.write(new Uint8Array(MUCH)).catch(() => undefined)
}

void main(workerData as Visit)
