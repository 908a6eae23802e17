import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { entryOf, type Entry } from './contestants.js'
import { nativeTrial } from './contestants/native.js'
import { startHog } from './hog.js'
import type { Both, Job, Trial } from './job.js'
import type { Placement } from './placement.js'
import { Worker, type Order } from './process.js'
import type { Row } from './rows.js'

/** A trial that takes longer than this has hung. */
const DEADLINE_MS = 30_000

/**
 * How long a fresh process warms up before the clocks start, as a share of the trial. Compilers are
 * done by then, and the system has moved two processes that started on one core apart.
 */
const WARM_UP_SHARE = 2

/** How many trials it takes at most to find out how many messages make one of a certain length. */
const MOST_ATTEMPTS = 2

/** Who plays: a contestant, by the build of the package that this worker belongs to. */
export interface Side {
  contestant: string
  worker: string
}

/** Runs `count` messages between two fresh processes. */
export async function runTrial(
  { contestant, worker }: Side,
  row: Row,
  count: number,
  placement: Placement,
): Promise<Trial> {
  const folder = await mkdtemp(join(tmpdir(), 'local-socket-bench-'))
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), DEADLINE_MS)
  const endHog = row.hog ? await startHog() : undefined
  try {
    const { work, size, thinkMs, connections } = row
    const warmUp = row.warmUp ?? Math.ceil(count * WARM_UP_SHARE)
    const path = join(folder, 'bench.sock')
    const job: Job = { work, size, warmUp, count, path }
    if (thinkMs !== undefined) job.thinkMs = thinkMs
    if (connections !== undefined) job.connections = connections
    const entry = entryOf(contestant)
    return await play({ worker, contestant, entry, job, placement, signal: late.signal })
  } catch (error) {
    const what = late.signal.aborted ? `hung for ${DEADLINE_MS / 1000} s` : 'failed'
    throw new Error(`${contestant} ${what} in ${row.name}`, { cause: error })
  } finally {
    clearTimeout(timer)
    await endHog?.()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The count that makes a trial take `seconds`. */
export async function calibrate(
  side: Side,
  row: Row,
  seconds: number,
  placement: Placement,
): Promise<number> {
  if (row.count !== undefined) return row.count(seconds)
  let count = row.guess
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const { seconds: taken } = await runTrial(side, row, count, placement)
    count = Math.max(10, Math.round((count * seconds) / taken))
    // A shorter one tells more of how processes warm up.
    if (taken > seconds / 2) break
  }
  return count
}

function play(order: Order): Promise<Trial> {
  const { kind, couple } = order.entry
  if (kind === 'native') return nativeTrial(order)
  return couple === undefined ? apart(order) : together(order, order.entry)
}

/** Two processes that know nothing of each other but the path. */
async function apart(order: Order): Promise<Trial> {
  const server = new Worker('server', order)
  const client = new Worker('client', order)
  try {
    await Promise.all([server.ready, client.ready])
    client.go()
    const [served, driven] = await Promise.all([server.findings, client.findings])
    return summary(order.job, { served, driven })
  } finally {
    await Promise.all([server.end(), client.end()])
  }
}

/** A process that starts the other itself, or a thread. */
async function together(order: Order, { sameProcess }: Entry): Promise<Trial> {
  const server = new Worker('both', order)
  try {
    const trial = summary(order.job, await server.both)
    if (sameProcess) delete trial.cpuOf // Each thread tells the whole process's.
    return trial
  } finally {
    await server.end()
  }
}

function summary({ work, count }: Job, { served, driven }: Both): Trial {
  const { seconds, p50, p99 } = work === 'one-way' ? served : driven
  if (seconds === undefined) throw new Error('nobody kept the time')
  const trial: Trial = {
    count,
    seconds,
    cpuSeconds: served.cpuSeconds + driven.cpuSeconds,
    cpuOf: { server: served.cpuSeconds, client: driven.cpuSeconds },
    rssOf: {
      ...(served.rss === undefined ? {} : { server: served.rss }),
      ...(driven.rss === undefined ? {} : { client: driven.rss }),
    },
  }
  if (p50 !== undefined && p99 !== undefined) Object.assign(trial, { p50, p99 })
  const { bytesEach, idleCpuSeconds } = served
  if (bytesEach !== undefined) trial.bytesEach = bytesEach
  if (idleCpuSeconds !== undefined) trial.idleCpuSeconds = idleCpuSeconds
  return trial
}
