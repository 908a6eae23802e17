// Workers that end with I/O under way: worker-rounds.js <variant> <rounds> <prefix>
// Each round starts two workers at once, each floods four streams to the main thread and back and
// then ends in the way of the variant. Says {rounds, exits, errors, descriptors, paths} at the end:
// how many workers ended with which code, what their errors said, how many descriptors were lost,
// how many paths of their listeners, which begin with the prefix, are still taken.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, threadId, Worker, workerData } from 'node:worker_threads'

import { connect, listen, type Listener, type Stream } from 'local-socket'

import { isTaken } from '../helpers/names.js'
import { say } from '../helpers/say.js'

const STREAMS = 4
const WORKERS = 2

type Variant = 'terminate' | 'exit' | 'exit in a callback' | 'throw in a callback'

interface Order {
  readonly name: string
  readonly prefix: string
  readonly variant: Variant
  readonly delayMs: number
}

/** Where a worker has listened. */
const taken: string[] = []

async function main(): Promise<void> {
  const [variant, rounds, prefix] = process.argv.slice(2) as [Variant, string, string]
  const name = `local-socket-rounds-${process.pid}.sock`
  const listener = await listen(name)
  const serving = new Set<Promise<void>>()
  void (async () => {
    for await (const stream of listener) {
      const served = echo(stream)
      serving.add(served)
      void served.then(() => serving.delete(served))
    }
  })()
  const exits: Record<string, number> = {}
  const errors: Record<string, number> = {}
  let before = 0
  for (let round = 0; round < Number(rounds); round += 1) {
    // The first round may open descriptors for good.
    if (round === 1) before = descriptors()
    const workers = Array.from({ length: WORKERS }, (_, index) =>
      work({ name, prefix, variant, delayMs: (round + index * 3) % 8 }, errors),
    )
    for (const code of await Promise.all(workers)) exits[code] = (exits[code] ?? 0) + 1
    await Promise.all(serving)
  }
  await roundTrip(name)
  let paths = 0
  for (const path of taken) if (await isTaken(path)) paths += 1
  say({ rounds: Number(rounds), exits, errors, descriptors: descriptors() - before, paths })
  process.exit()
}

/** Where that worker listens. */
function pathOf(prefix: string, thread: number): string {
  return `${prefix}-${thread}`
}

/** One worker from start to end; gives its exit code. */
function work(order: Order, errors: Record<string, number>): Promise<number> {
  return new Promise((resolve) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: order })
    taken.push(pathOf(order.prefix, worker.threadId))
    worker.on('error', (error) => (errors[error.message] = (errors[error.message] ?? 0) + 1))
    worker.once('exit', resolve)
    if (order.variant !== 'terminate') return
    worker.once('message', () => setTimeout(() => void worker.terminate(), order.delayMs))
  })
}

async function echo(stream: Stream): Promise<void> {
  try {
    for await (const chunk of stream) await stream.write(chunk)
  } catch {
    // The worker went in the middle of it.
  } finally {
    stream.destroy()
  }
}

/** The main thread's own I/O works after all that. */
async function roundTrip(name: string): Promise<void> {
  const stream = await connect(name)
  await stream.write('ping')
  await stream.readExact(4, { timeout: 10_000 })
  await stream.close()
}

function descriptors(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0
}

async function inWorker({ name, prefix, variant, delayMs }: Order): Promise<void> {
  const own: Listener = await listen(pathOf(prefix, threadId))
  void own.accept()
  const streams = await Promise.all(Array.from({ length: STREAMS }, () => connect(name)))
  const end = performance.now() + delayMs
  for (const stream of streams) void flood(stream, variant, end)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  parentPort?.postMessage('busy')
  if (variant === 'exit') setTimeout(() => process.exit(3), delayMs)
}

/** Writes and reads without a pause; ends the thread where a read continues once it is time. */
async function flood(stream: Stream, variant: Variant, end: number): Promise<void> {
  const block = new Uint8Array(100_000)
  void (async () => {
    for (;;) await stream.write(block)
  })()
  for await (const chunk of stream) {
    if (chunk.byteLength === 0 || performance.now() < end) continue
    if (variant === 'exit in a callback') process.exit(3)
    if (variant === 'throw in a callback') throw new Error('on purpose')
  }
}

void (isMainThread ? main() : inWorker(workerData as Order))
