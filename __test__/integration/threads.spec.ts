import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import test from 'ava'

import { text } from '../helpers/checksum.js'
import { uniqueName } from '../helpers/names.js'
import { pair } from '../helpers/pair.js'
import { programFile } from '../helpers/process.js'
import { within } from '../helpers/within.js'
import type { RingOrder, RingResult } from '../programs/ring.js'

const LONG_MS = 30_000
const THREADS = 4
const STREAMS = 8

test('worker threads talk to each other while the main thread talks too', async (t) => {
  t.timeout(2 * LONG_MS)
  const names = Array.from({ length: THREADS }, () => uniqueName(t, 'ring'))
  const workers = names.map((own, index) => {
    const next = names[(index + 1) % THREADS] ?? own
    const order: RingOrder = { own, next, seed: index * 100, streams: STREAMS, size: 1_000_001 }
    const worker = new Worker(programFile('ring'), { workerData: order })
    t.teardown(() => worker.terminate())
    return worker
  })
  await within(Promise.all(workers.map((worker) => once(worker, 'message'))), LONG_MS, 'listeners')

  const exits = workers.map((worker) => once(worker, 'exit'))
  const results = workers.map((worker) => once(worker, 'message') as Promise<[RingResult]>)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  for (const worker of workers) worker.postMessage('go')
  const { client, server } = await pair(t)
  const ring = { over: false }
  const all = Promise.all(results).finally(() => (ring.over = true))
  let pings = 0
  do {
    await client.write('ping')
    t.is(text(await within(server.readExact(4), LONG_MS, 'a ping')), 'ping')
    pings += 1
  } while (!ring.over)
  t.true(pings > 1, 'the main thread went on')
  const sums = (await within(all, LONG_MS, 'the sums of all threads')).map(([sum]) => sum)
  const sent = sums.flatMap((sum) => sum.sent)
  const received = sums.flatMap((sum) => sum.received)
  t.is(new Set(sent).size, THREADS * STREAMS * 2)
  t.deepEqual(received.toSorted(), sent.toSorted())
  const codes = await within(Promise.all(exits), LONG_MS, 'the threads to end')
  t.deepEqual(codes.flat(), [0, 0, 0, 0])
})
